using AiPipe.Proxy.Callers;
using Npgsql;
using NpgsqlTypes;

namespace AiPipe.Proxy.Ledger;

/// <summary>
/// Finds responses that the provider stores by the calls that they came from: the owner of a response is the person, app or API key that
/// made the call.
/// </summary>
internal sealed class StoredResponses(NpgsqlDataSource postgres, CostLedger ledger)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>An app sees only its own calls, as an API key does; a person's own token sees all of the person's.</summary>
    internal const string Owned = """
        select model, (usage ->> 'input')::bigint, (usage ->> 'output')::bigint from ledger_entries
        where response_id = $1 and user_name = $2 and ($3::text is null or app = $3) and ($4::uuid is null or api_key = $4)
        order by started_at desc limit 1
        """;

    /// <summary>The response with this id, if it is the caller's own.</summary>
    /// <exception cref="NpgsqlException">Postgres is unavailable.</exception>
    public async Task<StoredResponse?> FindAsync(Caller.User caller, string id, CancellationToken cancellationToken)
    {
        // The callers of an open route share one name.
        if (caller.Budget is not null) return null;
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Timeout);
        try
        {
            await ledger.FlushAsync(timeout.Token);
            await using var command = postgres.CreateCommand(Owned);
            command.Parameters.Add(new() { Value = id });
            command.Parameters.Add(new() { Value = caller.Email });
            command.Parameters.Add(new() { Value = (object?)caller.Allowance?.Origin ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
            command.Parameters.Add(new() { Value = (object?)caller.Key?.Id ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
            await using var row = await command.ExecuteReaderAsync(timeout.Token);
            if (!await row.ReadAsync(timeout.Token)) return null;
            return new StoredResponse(row.IsDBNull(0) ? null : row.GetString(0), Count(row, 1), Count(row, 2));
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new NpgsqlException("Postgres does not answer in time.", e);
        }
    }

    private static long? Count(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);
}

/// <param name="Input">Input tokens; <c>null</c> if the provider did not report them.</param>
internal sealed record StoredResponse(string? Model, long? Input, long? Output);
