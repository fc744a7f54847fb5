using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.Money;
using Npgsql;

namespace AiPipe.Proxy.Accounts.Keys;

/// <summary>Keeps the cache of API keys current: all active ones at first, then the changes of any replica.</summary>
internal sealed class CachedKeys(NpgsqlDataSource postgres, ApiKeyCache cache, TimeProvider clock) : ICachedState
{
    public const string Name = "keys";

    private const string Query = """
        select id, hash, user_name, limit_usd, days, expires_at, revoked_at, changed_at from api_keys
        where changed_at > $1 and ($2 or (revoked_at is null and (expires_at is null or expires_at > $3)))
        """;

    /// <summary>
    /// Read again each time: a change has its transaction's start time but becomes visible at its end, up to the command timeout of 30 s
    /// later; and after a failover, Postgres's clock may be behind.
    /// </summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(2);

    private DateTimeOffset? _newest;

    public string StateName => Name;

    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        await using var command = postgres.CreateCommand(Query);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = _newest - Overlap ?? DateTimeOffset.UnixEpoch });
        // The first read can skip revoked keys.
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = _newest is not null });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
        var newest = _newest ?? DateTimeOffset.UnixEpoch + Overlap;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            Take(reader);
            var changedAt = reader.GetFieldValue<DateTimeOffset>(7);
            if (changedAt > newest) newest = changedAt;
        }
        _newest = newest;
    }

    private void Take(NpgsqlDataReader row)
    {
        var id = row.GetGuid(0);
        if (!row.IsDBNull(6))
        {
            cache.Remove(id);
            return;
        }
        PicoUsd? limit = row.IsDBNull(3) ? null : PicoUsd.FromUsd(row.GetDecimal(3));
        var budget = ApiKey.BudgetOf(limit, row.IsDBNull(4) ? null : row.GetInt32(4));
        cache.Put(id, KeyHash.Read(row.GetFieldValue<byte[]>(1)),
            new KnownKey(ApiKey.CallerOf(id, row.GetString(2), budget), row.IsDBNull(5) ? null : row.GetFieldValue<DateTimeOffset>(5)));
    }
}
