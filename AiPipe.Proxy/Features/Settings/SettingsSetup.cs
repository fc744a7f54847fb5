using AiPipe.Proxy.Data;
using AiPipe.Proxy.Journey.Authentication;
using AiPipe.Proxy.Journey.Backends.Access;
using AiPipe.Proxy.Journey.Budgets;
using AiPipe.Proxy.Journey.Budgets.RateLimits;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Features.Settings;

/// <summary>Registers the feature: settings that change while the gateway runs. Without it all hold as files have them.</summary>
internal static class SettingsSetup
{
    public static IHostApplicationBuilder AddSettings(this IHostApplicationBuilder builder)
    {
        builder.Services.AddLive<TokenOptions>().AddLive<TeamOptions>().AddLive<BudgetOptions>().AddLive<RateLimitOptions>().AddLive<AccessOptions>()
            .AddSingleton<LiveSettings>().AddSingleton<RuntimeSettings>().AddSingleton<IReplicated>(services => services.GetRequiredService<RuntimeSettings>())
            .AddScoped<SettingChanges>().AddScoped<SettingsListing>();
        return builder;
    }

    private static IServiceCollection AddLive<TOptions>(this IServiceCollection services) where TOptions : class =>
        services.AddSingleton<Live<TOptions>>().AddSingleton<IOptionsMonitor<TOptions>>(all => all.GetRequiredService<Live<TOptions>>());
}
