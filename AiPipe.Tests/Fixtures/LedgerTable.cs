using Npgsql;

namespace AiPipe.Tests.Fixtures;

/// <summary>What stands in Postgres, read past all of our own code.</summary>
internal sealed class LedgerTable(string database) : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(database);

    public async Task<List<Row>> RowsAsync()
    {
        await using var command = _source.CreateCommand("select user_name, kind, cost, response_id from ledger_entries");
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<Row>();
        while (await reader.ReadAsync()) rows.Add(
            new(reader.GetString(0), reader.GetString(1), reader.GetDecimal(2), reader.IsDBNull(3) ? null : reader.GetString(3)));
        return rows;
    }

    /// <summary>The sum of everybody's days, or of one user's.</summary>
    public async Task<decimal> DaysAsync(string user = "%") =>
        (decimal)await ScalarAsync($"select coalesce(sum(cost), 0) from daily_spend where scope like 'user:{user}'");

    public async Task<long> ReplicasAsync() => (long)await ScalarAsync("select count(*) from replicas");

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private async Task<object> ScalarAsync(string query)
    {
        await using var command = _source.CreateCommand(query);
        return (await command.ExecuteScalarAsync())!;
    }

    /// <summary>One entry.</summary>
    internal sealed record Row(string User, string Kind, decimal Cost, string? ResponseId);
}
