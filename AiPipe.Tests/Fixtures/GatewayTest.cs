using Npgsql;
using NpgsqlTypes;

namespace AiPipe.Tests.Fixtures;

/// <summary>A test with a gateway; override <see cref="Configure"/> to set it up differently.</summary>
/// <param name="postgres">The server of its database.</param>
/// <param name="shared">Where the tests of a class share one gateway, each with a new user. Without it, each test starts its own.</param>
public abstract class GatewayTest(PostgresFixture postgres, SharedGateway? shared = null) : IAsyncLifetime
{
    private Gateway? _own;

    protected PostgresFixture Postgres { get; } = postgres;
    protected string Database { get; private set; } = "";
    protected Gateway Gateway { get; private set; } = null!;
    protected FakeProvider Provider => Gateway.Provider;

    public async ValueTask InitializeAsync()
    {
        if (shared is null) await StartOwnAsync();
        else (Database, Gateway) = await shared.TakeAsync(StartOnAsync);
    }

    /// <summary>Gives this test a gateway and a database that no other test uses, with the user <see cref="Gateway.Ann"/>.</summary>
    protected async Task StartOwnAsync()
    {
        _own = Gateway = await StartOnAsync(await Postgres.NewDatabaseAsync());
    }

    private Task<Gateway> StartOnAsync(string database)
    {
        Database = database;
        return StartAsync();
    }

    /// <summary>Starts the gateway on <see cref="Database"/>.</summary>
    private protected virtual Task<Gateway> StartAsync() => Gateway.StartAsync(Database, Configure);

    protected virtual void Configure(Dictionary<string, string?> settings) { }

    /// <summary>The ledger's rows (of the test's user where the gateway is shared), oldest first, read without our own code.</summary>
    protected async Task<List<LedgerRow>> LedgerRowsAsync()
    {
        await using var source = NpgsqlDataSource.Create(Database);
        await using var connection = await source.OpenConnectionAsync();
        await using var command = new NpgsqlCommand(
            "select user_name, provider, model, cost, status, trace_id, estimated, receipt::text, kind from ledger_entries where $1 is "
                + "null or user_name = $1 order by started_at", connection)
        {
            Parameters = { new NpgsqlParameter { Value = _own is null ? Gateway.User : DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text } },
        };
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<LedgerRow>();
        while (await reader.ReadAsync())
        {
            rows.Add(new LedgerRow(reader.GetString(0), Text(reader, 1), Text(reader, 2), reader.GetDecimal(3),
                reader.IsDBNull(4) ? null : reader.GetInt32(4), Text(reader, 5), reader.GetBoolean(6), Text(reader, 7),
                    reader.GetString(8)));
        }
        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_own is null) return;
        await _own.DisposeAsync();
        await Postgres.DropDatabaseAsync(Database);
    }

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}

/// <summary>A row of <c>ledger_entries</c>.</summary>
public sealed record LedgerRow(
    string User, string? Provider, string? Model, decimal Cost, int? Status, string? TraceId, bool Estimated, string? Receipt, string Kind);
