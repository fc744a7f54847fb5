using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Infrastructure.Postgres;
using Npgsql;

namespace AiPipe.Proxy.Accounts.Apps;

/// <summary>Learns which grants were revoked on other replicas: all of them first, then what is new.</summary>
internal sealed class Revocations(NpgsqlDataSource postgres, RevokedGrants revoked, TimeProvider clock) : ICachedState
{
    public const string Name = "grants";

    /// <summary>
    /// Read again each time. A revocation has the time at which its transaction began and is seen when it ends, which is within the 30 s that
    /// a command may take; and a Postgres that takes over may have a clock that is behind.
    /// </summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(2);

    private DateTimeOffset _newest = DateTimeOffset.UnixEpoch;

    public string Part => Name;

    public async Task ReadAsync(CancellationToken cancellationToken)
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
}
