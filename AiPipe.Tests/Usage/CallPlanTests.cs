using System.Text.Json;
using AiPipe.Proxy.Usage;
using AiPipe.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace AiPipe.Tests.Usage;

/// <summary>With many calls in the ledger, a list reads those that it shows.</summary>
public sealed class CallPlanTests(PostgresFixture postgres) : GatewayTest(postgres)
{
    private static readonly Guid Key = Guid.Parse("0198a000-0000-7000-8000-000000000001");
    private static readonly DateOnly Day = new(2026, 3, 10);

    [Fact]
    public async Task Lists_and_sums_of_a_person_never_read_the_whole_ledger()
    {
        await LedgerRows.ExecuteAsync(Database, $"""
            alter table ledger_entries set unlogged;
            insert into ledger_entries (id, user_name, day, started_at, scopes, kind, provider, model, cost, estimated, status, api_key)
            select gen_random_uuid(), 'user' || i % 500 || '@example.com', date '2026-03-01' + i / 10000, timestamptz '2026-03-01 00:00Z' + i / 10000 * interval '1 day' + i % 10000 * interval '1 second',
                array['user:x'], 'call', 'openai', 'gpt-4o-mini', 0.00045, false, 200, case when i % 1000 = 7 then '{Key}'::uuid end
            from generate_series(1, 200000) i;
            analyze ledger_entries;
            """);
        await using var scope = Gateway.Services.CreateAsyncScope();
        var (calls, spend) = (
            scope.ServiceProvider.GetRequiredService<CallQueries>(), scope.ServiceProvider.GetRequiredService<SpendQueries>());
        var cursor = new CallCursor(CallFilter.StartOf(Day), Guid.NewGuid());
        var ann = new CallFilter { User = "user7@example.com" };

        foreach (var (filter, after, most) in new (CallFilter, CallCursor?, long)[]
        {
            (ann, null, 120), (ann, cursor, 120), (ann with { Outcome = CallOutcome.Ok, Model = "gpt-4o-mini" }, cursor, 120),
            (new CallFilter(), null, 60), (new CallFilter(), cursor, 60), (new CallFilter { Key = Key }, null, 120),
            (ann with { From = Day, To = Day }, null, 120),
        })
        {
            var page = await ExplainAsync((NpgsqlCommand)calls.Page(filter, after, 51).CreateDbCommand());
            Assert.DoesNotContain("Seq Scan", page.Nodes);
            Assert.InRange(page.Buffers, 1, most);
        }

        var own = await ExplainAsync(spend.Command(ann, Day, Day.AddDays(6)));
        Assert.DoesNotContain("ledger_entries: Seq Scan", own.Scans);
        // Twenty a day, each on a page of its own at worst.
        Assert.InRange(own.Buffers, 1, 400);
        var keys = await ExplainAsync(spend.Command(new CallFilter { Key = Key, Outcome = CallOutcome.Ok }, Day, Day.AddDays(6)));
        Assert.DoesNotContain("ledger_entries: Seq Scan", keys.Scans);
        Assert.InRange(keys.Buffers, 1, 400);
        var everybodys = await ExplainAsync(spend.Command(new CallFilter(), Day, Day));
        Assert.DoesNotContain("ledger_entries: Seq Scan", everybodys.Scans);
    }

    [Fact]
    public async Task Last_use_of_keys_is_looked_up_not_searched()
    {
        await LedgerRows.ExecuteAsync(Database, $"""
            insert into ledger_entries (id, user_name, day, started_at, scopes, kind, cost, estimated, api_key)
            select gen_random_uuid(), 'u', date '2026-03-01', timestamptz '2026-03-01 00:00Z' + i * interval '1 second', array['user:u'], 'call', 1, false, '{Key}'::uuid from generate_series(1, 50000) i;
            analyze ledger_entries;
            """);
        await using var source = NpgsqlDataSource.Create(Database);
        var plan = await ExplainAsync(source.CreateCommand($"select max(started_at) from ledger_entries where api_key = '{Key}'"));
        Assert.InRange(plan.Buffers, 1, 10);
    }

    private async Task<Plan> ExplainAsync(NpgsqlCommand asked)
    {
        await using var source = NpgsqlDataSource.Create(Database);
        await using var connection = await source.OpenConnectionAsync();
        await using var command = new NpgsqlCommand($"explain (analyze, buffers, format json) {asked.CommandText}", connection);
        foreach (NpgsqlParameter parameter in asked.Parameters) command.Parameters.Add(parameter.Clone());
        using var json = JsonDocument.Parse((string)(await command.ExecuteScalarAsync())!);
        var root = json.RootElement[0].GetProperty("Plan");
        var plan = new Plan(root.GetProperty("Shared Hit Blocks").GetInt64() + root.GetProperty("Shared Read Blocks").GetInt64(), [], []);
        Add(plan, root);
        return plan;
    }

    private static void Add(Plan plan, JsonElement node)
    {
        plan.Nodes.Add(node.GetProperty("Node Type").GetString()!);
        if (node.TryGetProperty("Relation Name", out var relation)) plan.Scans.Add($"{relation.GetString()}: {plan.Nodes[^1]}");
        if (!node.TryGetProperty("Plans", out var parts)) return;
        foreach (var part in parts.EnumerateArray()) Add(plan, part);
    }

    private sealed record Plan(long Buffers, List<string> Nodes, List<string> Scans);
}
