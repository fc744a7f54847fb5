using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Callers.Access;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.RateLimits;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Settings;

/// <summary>Registers run-time settings. Without them, the files' values apply.</summary>
internal static class SettingsSetup
{
    public const string HostsLimit = "hosts";
    private const int HostsPerMinute = 60;

    public static IHostApplicationBuilder AddSettings(this IHostApplicationBuilder builder)
    {
        builder.Services.AddLive<TokenOptions>().AddLive<TeamOptions>().AddLive<BudgetOptions>().AddLive<RateLimitOptions>()
            .AddLive<AccessOptions>()
            .AddSingleton<LiveSettings>().AddSingleton<RuntimeSettings>()
                .AddSingleton<ICachedState>(services => services.GetRequiredService<RuntimeSettings>())
            .AddScoped<SettingChanges>().AddScoped<SettingsListing>();
        builder.Services.AddPerMinuteLimit(HostsLimit, HostsPerMinute);
        return builder;
    }

    private static IServiceCollection AddLive<TOptions>(this IServiceCollection services) where TOptions : class =>
        services.AddSingleton<Live<TOptions>>().AddSingleton<IOptionsMonitor<TOptions>>(all => all.GetRequiredService<Live<TOptions>>());
}
