using Npgsql;

namespace AiPipe.Tests.Usage;

/// <summary>Entries as any replica may have written them, put into the ledger past all of our own code.</summary>
internal static class LedgerRows
{
    public static async Task AddAsync(
        string database, string user, DateTimeOffset startedAt, string? model = "gpt-4o-mini", string? app = null,
        string kind = "call", int? status = 200, bool estimated = false, decimal cost = 0.5m, DateOnly? day = null)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand("""
            insert into ledger_entries (id, user_name, day, started_at, scopes, kind, provider, model, app, cost, estimated, status, usage)
            values (gen_random_uuid(), $1, $2, $3, array['user:' || $1], $4, case $4 when 'adjustment' then null else 'openai' end, $5, $6, $7, $8, $9, '{"input": 10, "output": 5}')
            """);
        command.Parameters.AddWithValue(user);
        command.Parameters.AddWithValue(day ?? DateOnly.FromDateTime(startedAt.UtcDateTime));
        command.Parameters.AddWithValue(startedAt);
        command.Parameters.AddWithValue(kind);
        command.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = model });
        command.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = app });
        command.Parameters.AddWithValue(cost);
        command.Parameters.AddWithValue(estimated);
        command.Parameters.Add(new NpgsqlParameter<int?> { TypedValue = status });
        await command.ExecuteNonQueryAsync();
    }

    public static async Task ExecuteAsync(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 120;
        await command.ExecuteNonQueryAsync();
    }
}
