using Npgsql;
using NpgsqlTypes;

namespace AiPipe.Tests.Fixtures;

/// <summary>A test with a gateway; override <see cref="Configure"/> to set it up differently.</summary>
/// <param name="postgres">The server of its database.</param>
/// <param name="shared">Where the tests of a class share one gateway, each with a new user. Without it, each test starts its own.</param>
public abstract class GatewayTest(PostgresFixture postgres, SharedGateway? shared = null) : IAsyncLifetime
{
    protected PostgresFixture Postgres { get; } = postgres;
    protected string Database { get; private set; } = "";
    protected Gateway Gateway { get; private set; } = null!;
    protected FakeProvider Provider => Gateway.Provider;

    public async ValueTask InitializeAsync()
    {
        (Database, Gateway) = shared is null ? await StartNewAsync() : await shared.TakeAsync(StartNewAsync);
    }

    private async Task<(string Database, Gateway Gateway)> StartNewAsync()
    {
        Database = await Postgres.NewDatabaseAsync();
        return (Database, await StartAsync());
    }

    /// <summary>Starts the gateway on <see cref="Database"/>.</summary>
    private protected virtual Task<Gateway> StartAsync() => Gateway.StartAsync(Database, Configure);

    protected virtual void Configure(Dictionary<string, string?> settings) { }

    /// <summary>The ledger's rows (of the test's user where the gateway is shared), oldest first, read without our own code.</summary>
    protected async Task<List<LedgerRow>> LedgerRowsAsync()
    {
        await using var connection = new NpgsqlConnection(Database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "select user_name, provider, model, cost, status, trace_id, estimated, receipt::text, kind from ledger_entries where $1 is null or user_name = $1 order by started_at", connection)
        {
            Parameters = { new NpgsqlParameter { Value = shared is null ? DBNull.Value : Gateway.User, NpgsqlDbType = NpgsqlDbType.Text } },
        };
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
        if (shared is null && Gateway is not null) await Gateway.DisposeAsync();
    }

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}

/// <summary>A row of <c>ledger_entries</c>.</summary>
public sealed record LedgerRow(
    string User, string? Provider, string? Model, decimal Cost, int? Status, string? TraceId, bool Estimated, string? Receipt, string Kind);
