using AiPipe.Proxy.Journey.Authentication;
using Npgsql;

namespace AiPipe.Proxy.Features.Apps;

/// <summary>
/// Learns what was revoked on other replicas: all of it before the server listens, then what is new, every second. While Postgres is
/// away this replica goes on with what it knows.
/// </summary>
internal sealed partial class RevocationWatch(
    NpgsqlDataSource postgres, RevokedGrants revoked, TimeProvider clock, ILogger<RevocationWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Read again each time. A revocation has the time at which its statement began and is seen when it ends, which is within the 30 s that
    /// a command may take; and a Postgres that takes over may have a clock that is behind.
    /// </summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(2);

    private DateTimeOffset _newest = DateTimeOffset.UnixEpoch;

    /// <summary>Reads all that is revoked.</summary>
    /// <exception cref="NpgsqlException">It cannot be read: then nobody knows which tokens are good.</exception>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await ReadNewAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var isBlind = false;
        while (true)
        {
            await Task.Delay(Pause, clock, stoppingToken);
            try
            {
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                patience.CancelAfter(Patience);
                await ReadNewAsync(patience.Token);
                if (isBlind) Log.SeesAgain(logger);
                isBlind = false;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                if (!isBlind) Log.Blind(logger, e.GetBaseException().Message);
                isBlind = true;
            }
        }
    }

    private async Task ReadNewAsync(CancellationToken cancellationToken)
    {
        await using var command = postgres.CreateCommand("select id, expires_at, revoked_at from app_grants where revoked_at > $1 and expires_at > $2");
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = _newest - Overlap });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
        var (found, newest) = (new List<RevokedGrant>(), _newest);
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                found.Add(new RevokedGrant(reader.GetGuid(0), reader.GetFieldValue<DateTimeOffset>(1)));
                var revokedAt = reader.GetFieldValue<DateTimeOffset>(2);
                if (revokedAt > newest) newest = revokedAt;
            }
        }
        revoked.Add(found, clock.GetUtcNow());
        _newest = newest;
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "What other replicas revoke is not seen while Postgres is away; tokens are checked against what is known: {Why}")]
        public static partial void Blind(ILogger logger, string why);

        [LoggerMessage(Level = LogLevel.Information, Message = "What other replicas revoke is seen again")]
        public static partial void SeesAgain(ILogger logger);
    }
}
