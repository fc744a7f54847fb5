using AiPipe.Proxy.Money;
using Npgsql;

namespace AiPipe.Proxy.Ledger.Entries;

/// <summary>The ledger's SQL: writes groups of entries and reads the daily sums of a scope.</summary>
internal sealed class LedgerStore(NpgsqlDataSource postgres)
{
    /// <summary>How long a call waits for a scope's spend before it is refused.</summary>
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(5);

    // One statement, so it is atomic; an existing entry adds nothing to the sums. All writers add entries and sums in the same order,
    // which prevents deadlocks.
    internal const string Write = """
        with fresh as (
            insert into ledger_entries (id, user_name, day, started_at, scopes, kind, provider, model, operation, app, cost, estimated,
                usage, receipt, status, latency_ms, first_byte_ms, trace_id, response_id, note, api_key, timeline)
            select e.id, e.user_name, e.day, e.started_at, e.scopes::text[], e.kind, e.provider, e.model,
                e.operation, e.app, e.cost, e.estimated,
                e.usage, e.receipt, e.status, e.latency_ms, e.first_byte_ms, e.trace_id, e.response_id, e.note, e.api_key, e.timeline
            from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22) as e(
                id, user_name, day, started_at, scopes, kind, provider, model, operation, app, cost, estimated,
                usage, receipt, status, latency_ms, first_byte_ms, trace_id, response_id, note, api_key, timeline)
            order by e.id
            on conflict (id) do nothing
            returning day, scopes, kind, cost),
        sums as (
            insert into daily_spend (scope, day, cost, calls, entries)
            select s.scope, f.day, sum(f.cost), sum(case f.kind when 'adjustment' then 0 when 'reversal' then -1 else 1 end), count(*)
            from fresh f cross join unnest(f.scopes) as s(scope)
            group by s.scope, f.day
            order by s.scope, f.day
            on conflict (scope, day) do update
                set cost = daily_spend.cost + excluded.cost, calls = daily_spend.calls + excluded.calls,
                    entries = daily_spend.entries + excluded.entries
            returning scope, day, cost, entries, calls)
        select scope, day, cost, entries, calls, (select count(*) from fresh) from sums
        """;

    internal const string Unattributed = """
        select id, user_name, day, started_at, scopes, cost from ledger_entries where id = any($1) and kind = 'unattributed'
        """;

    internal const string Totals = """
        select scope, day, cost, entries, calls
        from unnest($1, $2) as asked(scope, day) join daily_spend using (scope, day)
        """;

    internal const string Days = "select scope, day, cost, entries, calls from daily_spend where scope = $1 and day >= $2 order by day";

    /// <summary>Adds new entries and their sums. An unattributed call ends at the cost of its own entry, in either order.</summary>
    /// <returns>Every sum that contains any of the entries.</returns>
    public async Task<IReadOnlyList<DayTotal>> WriteAsync(IReadOnlyList<LedgerEntry> entries, CancellationToken cancellationToken)
    {
        var (totals, fresh) = await InsertAsync(entries, cancellationToken);
        if (fresh == entries.Count) return totals;
        // Sums that this statement did not touch or could not see may contain entries written before.
        var attributed = await AttributeAsync(entries, cancellationToken);
        return await TotalsOfAsync([.. entries, .. attributed], cancellationToken);
    }

    /// <summary>The spend of a scope on each date since <paramref name="from"/>, oldest first.</summary>
    /// <exception cref="NpgsqlException">Postgres is unavailable or exceeded the timeout.</exception>
    public async Task<IReadOnlyList<DayTotal>> DaysOfAsync(string scope, DateOnly from, CancellationToken cancellationToken)
    {
        var days = ReadAsync(
            Days, [new NpgsqlParameter<string> { TypedValue = scope }, new NpgsqlParameter<DateOnly> { TypedValue = from }],
                CancellationToken.None);
        try
        {
            // Abandoned rather than cancelled: Npgsql cancels over a new connection, which blocks a thread while the server is frozen.
            return await days.WaitAsync(ReadTimeout, cancellationToken);
        }
        catch (TimeoutException exception)
        {
            throw new NpgsqlException($"Postgres did not answer within {ReadTimeout.TotalSeconds:0} seconds.", exception);
        }
    }

    private async Task<(IReadOnlyList<DayTotal> Totals, long Fresh)> InsertAsync(
        IReadOnlyList<LedgerEntry> entries, CancellationToken cancellationToken)
    {
        await using var command = postgres.CreateCommand(Write);
        command.Parameters.AddRange(LedgerColumns.CreateParameters(entries));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var (totals, fresh) = (new List<DayTotal>(), 0L);
        while (await reader.ReadAsync(cancellationToken))
        {
            totals.Add(Total(reader));
            fresh = reader.GetInt64(5);
        }
        return (totals, fresh);
    }

    private async Task<List<LedgerEntry>> AttributeAsync(IReadOnlyList<LedgerEntry> entries, CancellationToken cancellationToken)
    {
        var own = entries.Where(entry => entry.Kind != EntryKind.Unattributed).DistinctBy(entry => entry.Id)
            .ToDictionary(entry => entry.Id);
        var added = new List<LedgerEntry>();
        await using (var command = postgres.CreateCommand(Unattributed))
        {
            command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. own.Keys] });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                var booked = Booked(reader);
                added.AddRange(Attribution.Replace(booked, own[booked.Id]));
            }
        }
        if (added.Count > 0) await InsertAsync(added, cancellationToken);
        return added;
    }

    private Task<IReadOnlyList<DayTotal>> TotalsOfAsync(IReadOnlyList<LedgerEntry> entries, CancellationToken cancellationToken)
    {
        var sums = entries.SelectMany(entry => entry.Scopes, (entry, scope) => (Scope: scope, entry.Day)).Distinct().ToList();
        return ReadAsync(Totals,
        [
            new NpgsqlParameter<string[]> { TypedValue = [.. sums.Select(sum => sum.Scope)] },
            new NpgsqlParameter<DateOnly[]> { TypedValue = [.. sums.Select(sum => sum.Day)] },
        ], cancellationToken);
    }

    private async Task<IReadOnlyList<DayTotal>> ReadAsync(string query, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
        await using var command = postgres.CreateCommand(query);
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var totals = new List<DayTotal>();
        while (await reader.ReadAsync(cancellationToken)) totals.Add(Total(reader));
        return totals;
    }

    private static DayTotal Total(NpgsqlDataReader row) =>
        new(row.GetString(0), row.GetFieldValue<DateOnly>(1), Money(row, 2), row.GetInt64(3), row.GetInt32(4));

    private static LedgerEntry Booked(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(0),
        User = row.GetString(1),
        Day = row.GetFieldValue<DateOnly>(2),
        StartedAt = row.GetFieldValue<DateTimeOffset>(3),
        Scopes = row.GetFieldValue<string[]>(4),
        Kind = EntryKind.Unattributed,
        Cost = Money(row, 5),
        Estimated = true,
    };

    private static PicoUsd Money(NpgsqlDataReader row, int column) => PicoUsd.Saturate((Int128)(row.GetDecimal(column) * PicoUsd.PerUsd));
}
