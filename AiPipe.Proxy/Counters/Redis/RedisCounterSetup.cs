using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Infrastructure.Redis;
using AiPipe.Proxy.Infrastructure.Replicas;

namespace AiPipe.Proxy.Counters.Redis;

/// <summary>Registers the counter: in Redis if configured, so that replicas share it, otherwise in memory.</summary>
internal static class RedisCounterSetup
{
    public static IHostApplicationBuilder AddSpendCounter(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        if (!builder.TryAddRedis())
        {
            services.AddSingleton<ISpendCounter>(all => ActivatorUtilities.CreateInstance<MemorySpendCounter>(all));
            return builder;
        }
        services.AddSingleton<RedisMember>().AddSingleton<RedisFill>().AddSingleton<RedisJoin>();
        services.AddSingleton<LocalReservations>().AddSingleton<OutageCounter>().AddSingleton<ReplicaRegistry>();
        services.AddSingleton<ISpendCounter, RedisSpendCounter>();
        return builder;
    }
}
