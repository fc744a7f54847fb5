namespace AiPipe.Proxy.Infrastructure;

/// <summary>Accepts the earlier names of settings, with a warning at the start. If both are set, the current one is used.</summary>
internal static partial class RenamedSettings
{
    private static readonly (string Earlier, string Current)[] All =
    [
        ("AiPipe:Budgets:ReplicaLife", "AiPipe:Budgets:ReplicaTimeout"),
        ("AiPipe:Budgets:CounterPatience", "AiPipe:Budgets:CounterTimeout"),
        ("AiPipe:Ledger:ReplyPatience", "AiPipe:Ledger:ReplyTimeout"),
    ];

    /// <summary>Whether a path is the earlier name of a setting, which its readers skip.</summary>
    public static bool IsEarlierName(string path) =>
        Array.Exists(All, setting => setting.Earlier.Equals(path, StringComparison.OrdinalIgnoreCase));

    public static WebApplicationBuilder AddRenamedSettings(this WebApplicationBuilder builder)
    {
        foreach (var (earlier, current) in All)
            if (builder.Configuration[earlier] is { } value) builder.Configuration[current] ??= value;
        builder.Services.AddHostedService<RenamedSettingsWarning>();
        return builder;
    }

    private sealed partial class RenamedSettingsWarning(IConfiguration configuration, ILogger<RenamedSettingsWarning> logger)
        : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            foreach (var (earlier, current) in All)
                if (configuration[earlier] is not null) Log.Renamed(logger, earlier, current);
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        private static partial class Log
        {
            [LoggerMessage(Level = LogLevel.Warning,
                Message = "The setting {Earlier} is now named {Current}. The earlier name still works; rename it in the configuration.")]
            public static partial void Renamed(ILogger logger, string earlier, string current);
        }
    }
}
