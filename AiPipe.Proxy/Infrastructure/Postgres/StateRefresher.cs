using Npgsql;

namespace AiPipe.Proxy.Infrastructure.Postgres;

/// <summary>Reads every <see cref="ICachedState"/> at the start, then every second those that any replica has changed.</summary>
internal sealed partial class StateRefresher(
    NpgsqlDataSource postgres, IEnumerable<ICachedState> states, TimeProvider clock, ILogger<StateRefresher> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _turn = new(1);
    private readonly Dictionary<string, long> _known = [];

    public bool IsUnavailable { get; private set; }

    /// <summary>Reads all state. Without it, tokens and budgets cannot be checked, so a failure stops the start.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await CatchUpAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>Reads changes now: called after a change, so that it is effective here before the response.</summary>
    /// <exception cref="NpgsqlException">The state cannot be read; it is read within seconds of Postgres's return.</exception>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            // Versions first: a change in between is read twice rather than never.
            var versions = await VersionsAsync(cancellationToken);
            foreach (var state in states)
            {
                var version = versions.GetValueOrDefault(state.StateName);
                if (_known.TryGetValue(state.StateName, out var known) && known == version) continue;
                await state.ReadAsync(cancellationToken);
                _known[state.StateName] = version;
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(Pause, clock, stoppingToken);
            try
            {
                using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                timeout.CancelAfter(Timeout);
                await CatchUpAsync(timeout.Token);
                if (IsUnavailable) Log.SeesAgain(logger);
                IsUnavailable = false;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                if (!IsUnavailable) Log.Blind(logger, e.GetBaseException().Message);
                IsUnavailable = true;
            }
        }
    }

    private async Task<Dictionary<string, long>> VersionsAsync(CancellationToken cancellationToken)
    {
        await using var command = postgres.CreateCommand("select part, version from changes");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var versions = new Dictionary<string, long>();
        while (await reader.ReadAsync(cancellationToken)) versions[reader.GetString(0)] = reader.GetInt64(1);
        return versions;
    }

    public override void Dispose()
    {
        _turn.Dispose();
        base.Dispose();
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message =
            "Cannot poll Postgres for changes of other replicas; using the last known state: {Why}")]
        public static partial void Blind(ILogger logger, string why);

        [LoggerMessage(Level = LogLevel.Information, Message = "Polling Postgres for changes of other replicas again")]
        public static partial void SeesAgain(ILogger logger);
    }
}
