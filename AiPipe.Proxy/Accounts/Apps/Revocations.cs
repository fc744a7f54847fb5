using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Infrastructure.Postgres;
using Npgsql;

namespace AiPipe.Proxy.Accounts.Apps;

/// <summary>Reads the grants that any replica revoked: all at first, then new ones.</summary>
internal sealed class Revocations(NpgsqlDataSource postgres, RevokedGrants revoked, TimeProvider clock) : ICachedState
{
    public const string Name = "grants";

    /// <summary>
    /// Read again each time: a revocation has its transaction's start time but becomes visible at its end, up to the command timeout of 30
    /// s later; and after a failover, Postgres's clock may be behind.
    /// </summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(2);

    private DateTimeOffset _newest = DateTimeOffset.UnixEpoch;

    public string StateName => Name;

    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        await using var command =
            postgres.CreateCommand("select id, expires_at, revoked_at from app_grants where revoked_at > $1 and expires_at > $2");
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
