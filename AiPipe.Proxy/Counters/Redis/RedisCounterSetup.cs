using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Infrastructure.Redis;
using AiPipe.Proxy.Infrastructure.Replicas;

namespace AiPipe.Proxy.Counters.Redis;

/// <summary>Registers the counter: in Redis where one is named, so that replicas share it, else in memory.</summary>
internal static class RedisCounterSetup
{
    public static void AddSpendCounter(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        if (!builder.TryAddRedis())
        {
            services.AddSingleton<ISpendCounter>(all => ActivatorUtilities.CreateInstance<MemorySpendCounter>(all));
            return;
        }
        services.AddSingleton<RedisMember>().AddSingleton<RedisFill>().AddSingleton<RedisJoin>();
        services.AddSingleton<OwnCalls>().AddSingleton<OutageCounter>().AddSingleton<ReplicaRegistry>();
        services.AddSingleton<ISpendCounter, RedisSpendCounter>();
    }

    /// <summary>Makes this process a member of the shared counters, if there are any. To be registered after the database's start.</summary>
    public static IHostApplicationBuilder AddReplica(this IHostApplicationBuilder builder)
    {
        if (builder.TryAddRedis()) builder.Services.AddHostedService<RedisMembership>();
        return builder;
    }
}
