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
        builder.Services.AddSingleton<LiveSettings>().AddSingleton<RuntimeSettings>()
            .AddSingleton<ICachedState>(services => services.GetRequiredService<RuntimeSettings>())
            .AddScoped<SettingChanges>().AddScoped<SettingsListing>();
        // What the rooms below read instead of the values that they have registered: parts of one snapshot.
        builder.Services.AddOptionsOf(static settings => settings.Tokens).AddOptionsOf(static settings => settings.Budgets)
            .AddOptionsOf(static settings => settings.RateLimits).AddOptionsOf(static settings => settings.Access)
            .AddPart(static settings => settings.Providers).AddPart(static settings => settings.Prices)
            .AddPart(static settings => settings.Routes);
        builder.Services.AddPerMinuteLimit(HostsLimit, HostsPerMinute);
        return builder;
    }

    private static IServiceCollection AddOptionsOf<TOptions>(this IServiceCollection services, Func<SettingsSnapshot, TOptions> part)
        where TOptions : class => services.AddSingleton<IOptionsMonitor<TOptions>>(all =>
            new LiveOptions<TOptions>(all.GetRequiredService<LiveSettings>(), all.GetRequiredService<IOptions<TOptions>>(), part));

    private static IServiceCollection AddPart<T>(this IServiceCollection services, Func<SettingsSnapshot, T> part)
        where T : class => services.AddSingleton<Func<T>>(all =>
        {
            var (settings, files) = (all.GetRequiredService<LiveSettings>(), all.GetRequiredService<T>());
            return () => settings.Current is { } now ? part(now) : files;
        });
}
