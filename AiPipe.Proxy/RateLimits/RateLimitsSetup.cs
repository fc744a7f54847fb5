using AiPipe.Proxy.Infrastructure.Redis;
using AiPipe.Proxy.Providers;

namespace AiPipe.Proxy.RateLimits;

/// <summary>Registers the limits: shared through Redis if configured, otherwise per process.</summary>
internal static class RateLimitsSetup
{
    public static IHostApplicationBuilder AddRateLimits(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<RateLimitOptions>()
            .Configure<IConfiguration, ProviderIndex>(static (options, configuration, providers) =>
                options.Read(configuration.GetSection(RateLimitOptions.Section), providers.All))
            .ValidateOnStart();
        services.AddSingleton(all => new MemoryRateLimiter(all.GetRequiredService<TimeProvider>()));
        if (builder.TryAddRedis()) services.AddSingleton(new RateScripts()).AddSingleton<IRateLimiter, RedisRateLimiter>();
        else services.AddSingleton<IRateLimiter>(all => all.GetRequiredService<MemoryRateLimiter>());
        services.AddSingleton<RateLimitResolver>();
        return builder;
    }
}
