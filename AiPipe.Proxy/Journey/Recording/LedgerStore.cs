using System.Text.Json;
using AiPipe.Proxy.Journey.Budgets;
using AiPipe.Proxy.Journey.Pricing;
using Npgsql;
using NpgsqlTypes;

namespace AiPipe.Proxy.Journey.Recording;

/// <summary>The ledger's two statements: write many entries at once, read a scope's days. Exact and repeatable.</summary>
internal sealed class LedgerStore(NpgsqlDataSource postgres)
{
    // One statement, so all or nothing; an entry that is there already adds nothing to the sums; sums are added in one order
    // everywhere, so that two writers never wait for each other in a circle.
    private const string Write = """
        with fresh as (
            insert into ledger_entries (id, user_name, day, started_at, scopes, kind, provider, model, operation, app, cost, estimated,
                usage, receipt, status, latency_ms, first_byte_ms, trace_id, response_id, note)
            select e.id, e."user", e.day, e.started_at, e.scopes, e.kind, e.provider, e.model, e.operation, e.app, e.cost, e.estimated,
                e.usage, e.receipt, e.status, e.latency_ms, e.first_byte_ms, e.trace_id, e.response_id, e.note
            from jsonb_to_recordset($1) as e(id uuid, "user" text, day date, started_at timestamptz, scopes text[], kind text,
                provider text, model text, operation text, app text, cost numeric, estimated boolean, usage jsonb, receipt jsonb,
                status integer, latency_ms double precision, first_byte_ms double precision, trace_id text, response_id text, note text)
            on conflict (id) do nothing
            returning day, scopes, kind, cost)
        insert into daily_spend (scope, day, cost, calls)
        select s.scope, f.day, sum(f.cost), count(*) filter (where f.kind <> 'adjustment')
        from fresh f cross join unnest(f.scopes) as s(scope)
        group by s.scope, f.day
        order by s.scope, f.day
        on conflict (scope, day) do update
            set cost = daily_spend.cost + excluded.cost, calls = daily_spend.calls + excluded.calls
        """;

    /// <summary>Writes entries and adds those that were not there yet to the daily sums.</summary>
    public async Task WriteAsync(IReadOnlyList<LedgerEntry> entries, CancellationToken cancellationToken)
    {
        await using var command = postgres.CreateCommand(Write);
        var json = JsonSerializer.SerializeToUtf8Bytes(entries, LedgerJson.Default.IReadOnlyListLedgerEntry);
        command.Parameters.Add(new NpgsqlParameter { Value = json, NpgsqlDbType = NpgsqlDbType.Jsonb });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>What a scope spent on each date since <paramref name="from"/>, oldest first.</summary>
    public async Task<IReadOnlyList<DaySpend>> DaysOfAsync(string scope, DateOnly from, CancellationToken cancellationToken)
    {
        await using var command = postgres.CreateCommand("select day, cost from daily_spend where scope = $1 and day >= $2 order by day");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = scope });
        command.Parameters.Add(new NpgsqlParameter<DateOnly> { TypedValue = from });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var days = new List<DaySpend>();
        while (await reader.ReadAsync(cancellationToken))
            days.Add(new DaySpend(reader.GetFieldValue<DateOnly>(0), PicoUsd.FromUsd(reader.GetDecimal(1))));
        return days;
    }
}
