using System.Text.Json;
using AiPipe.Proxy.Ledger.Entries;
using AiPipe.Proxy.Money;
using AiPipe.Tests.Fixtures;
using Npgsql;

namespace AiPipe.Tests.Ledger;

/// <summary>A million entries change nothing about what a budget check and a group's write cost.</summary>
public sealed class QueryPlanTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const int Users = 10_000;
    private const int Days = 30;
    private const int Window = 7;
    private static readonly DateOnly First = new(2026, 3, 1);
    private NpgsqlDataSource _source = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var database = await postgres.NewDatabaseAsync();
        await (await LedgerHost.StartAsync(database)).DisposeAsync();
        _source = NpgsqlDataSource.Create(database);
        // A day's rows lie together, as they arrive, so those of one scope lie apart.
        await ExecuteAsync($"""
            alter table daily_spend set unlogged;
            insert into daily_spend (scope, day, cost, calls, entries)
            select 'user:user' || u || '@example.com', date '2026-03-01' + d, 1.5, 4, 4 from generate_series(0, {Days - 1}) d, generate_series(0, {Users - 1}) u;
            analyze daily_spend;
            """);
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    [Fact]
    public async Task Budget_checks_and_writes_read_no_more_with_a_million_entries_than_with_none()
    {
        var empty = (Check: await CheckAsync(), Write: await WriteAsync());
        await ExecuteAsync("""
            alter table ledger_entries set unlogged;
            insert into ledger_entries (id, user_name, day, started_at, scopes, kind, model, cost, estimated)
            select lpad(to_hex(i), 32, '0')::uuid, 'user' || i % 10000 || '@example.com', date '2026-03-01' + i % 30,
                timestamptz '2026-03-01 00:00Z' + i * interval '2 seconds', array['user:user' || i % 10000 || '@example.com'], 'call', 'gpt-4o-mini', 0.00045, false
            from generate_series(1, 1000000) i;
            analyze ledger_entries;
            """);
        var full = (Check: await CheckAsync(), Write: await WriteAsync());

        Assert.Equal(["pk_daily_spend"], full.Check.Indexes);
        Assert.Equal(["daily_spend"], full.Check.Relations);
        Assert.Equal(Window, full.Check.Rows);
        Assert.Equal(empty.Check.Buffers, full.Check.Buffers);
        // A few pages of the index, and at most one for each row.
        Assert.InRange(full.Check.Buffers, 1, Window + 5);

        Assert.DoesNotContain("Seq Scan", full.Write.Nodes);
        // 1000 entries go into two indexes and a table, and 1000 sums are looked up: a few pages each, a deeper tree, no more.
        Assert.InRange(full.Write.Buffers, empty.Write.Buffers / 2, empty.Write.Buffers * 2);

        var ids = new NpgsqlParameter<Guid[]> { TypedValue = [.. Entries().Select(entry => entry.Id)] };
        // By their ids, or by the index of what nobody could be found for.
        Assert.True(Assert.Single((await ExplainAsync(LedgerStore.Unattributed, ids)).Indexes) is "pk_ledger_entries"
            or "ix_ledger_entries_unattributed");
        var totals = await ExplainAsync(
            LedgerStore.Totals,
            new NpgsqlParameter<string[]> { TypedValue = [.. Entries().Select(entry => entry.Scopes[0])] },
            new NpgsqlParameter<DateOnly[]> { TypedValue = [.. Entries().Select(entry => entry.Day)] });
        Assert.DoesNotContain("ledger_entries", totals.Relations);
    }

    private Task<Plan> CheckAsync() => ExplainAsync(
        LedgerStore.Days,
        new NpgsqlParameter<string> { TypedValue = "user:user4711@example.com" },
        new NpgsqlParameter<DateOnly> { TypedValue = First.AddDays(Days - Window) });

    private Task<Plan> WriteAsync() => ExplainAsync(LedgerStore.Write, LedgerColumns.CreateParameters(Entries()));

    private static IReadOnlyList<LedgerEntry> Entries() =>
    [
        .. Enumerable.Range(0, 1000).Select(i => new LedgerEntry
        {
            Id = new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, (byte)(i >> 8), (byte)i),
            User = $"user{i}@example.com",
            Day = First.AddDays(i % Days),
            StartedAt = new DateTimeOffset(First, TimeOnly.MinValue, TimeSpan.Zero),
            Scopes = [$"user:user{i}@example.com"],
            Kind = EntryKind.Call,
            Cost = PicoUsd.FromUsd(0.00045m),
        }),
    ];

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _source.CreateCommand(sql);
        command.CommandTimeout = 120;
        await command.ExecuteNonQueryAsync(Cancel);
    }

    /// <summary>What really happened, and then did not.</summary>
    private async Task<Plan> ExplainAsync(string sql, params NpgsqlParameter[] parameters)
    {
        await using var connection = await _source.OpenConnectionAsync(Cancel);
        await using var transaction = await connection.BeginTransactionAsync(Cancel);
        await using var command = new NpgsqlCommand($"explain (analyze, buffers, format json) {sql}", connection, transaction);
        command.Parameters.AddRange(parameters);
        using var json = JsonDocument.Parse((string)(await command.ExecuteScalarAsync(Cancel))!);
        await transaction.RollbackAsync(Cancel);
        return Plan.Parse(json.RootElement[0].GetProperty("Plan"));
    }

    private sealed record Plan(long Rows, long Buffers, List<string> Nodes, List<string> Indexes, List<string> Relations)
    {
        public static Plan Parse(JsonElement root)
        {
            var plan = new Plan(root.GetProperty("Actual Rows")
                .GetInt64(), Number(root, "Shared Hit Blocks") + Number(root, "Shared Read Blocks"), [], [], []);
            plan.Add(root);
            return plan;
        }

        private void Add(JsonElement node)
        {
            Nodes.Add(node.GetProperty("Node Type").GetString()!);
            if (node.TryGetProperty("Index Name", out var index)) Indexes.Add(index.GetString()!);
            if (node.TryGetProperty("Relation Name", out var relation)) Relations.Add(relation.GetString()!);
            if (!node.TryGetProperty("Plans", out var parts)) return;
            foreach (var part in parts.EnumerateArray()) Add(part);
        }

        private static long Number(JsonElement node, string name) => node.GetProperty(name).GetInt64();
    }
}
