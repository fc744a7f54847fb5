using Npgsql;

namespace AiPipe.Tests.Fixtures;

/// <summary>A test with a gateway of its own; override <see cref="Configure"/> to set it up differently.</summary>
public abstract class GatewayTest(PostgresFixture postgres) : IAsyncLifetime
{
    protected PostgresFixture Postgres { get; } = postgres;
    protected string Database { get; private set; } = "";
    protected Gateway Gateway { get; private set; } = null!;
    protected FakeProvider Provider => Gateway.Provider;

    public async ValueTask InitializeAsync()
    {
        Database = await Postgres.NewDatabaseAsync();
        Gateway = await StartAsync();
    }

    /// <summary>Starts the gateway on <see cref="Database"/>.</summary>
    private protected virtual Task<Gateway> StartAsync() => Gateway.StartAsync(Database, Configure);

    protected virtual void Configure(Dictionary<string, string?> settings) { }

    /// <summary>What stands in the ledger, oldest first, read past all of our own code.</summary>
    protected async Task<List<LedgerRow>> LedgerRowsAsync()
    {
        await using var connection = new NpgsqlConnection(Database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "select user_name, provider, model, cost, status, trace_id, estimated, receipt::text, kind from ledger_entries order by started_at", connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<LedgerRow>();
        while (await reader.ReadAsync())
        {
            rows.Add(new LedgerRow(reader.GetString(0), Text(reader, 1), Text(reader, 2), reader.GetDecimal(3),
                reader.IsDBNull(4) ? null : reader.GetInt32(4), Text(reader, 5), reader.GetBoolean(6), Text(reader, 7), reader.GetString(8)));
        }
        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (Gateway is not null) await Gateway.DisposeAsync();
    }

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}

/// <summary>A row of <c>ledger_entries</c>.</summary>
public sealed record LedgerRow(
    string User, string? Provider, string? Model, decimal Cost, int? Status, string? TraceId, bool Estimated, string? Receipt, string Kind);
