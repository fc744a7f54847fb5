using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Ledger;
using Npgsql;

namespace AiPipe.Proxy.Accounts.Classes;

/// <summary>Reads what members spent from a class only: a teacher must not see their other calls.</summary>
internal sealed class ClassSpend(NpgsqlDataSource postgres, CostLedger ledger, TimeProvider clock)
{
    /// <summary>How long a report waits for the newest entries before it continues without them.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    private const string ByMember = """
        select m.email, coalesce(s.recent, 0), coalesce(s.total, 0), coalesce(s.calls, 0)::bigint, l.started_at
        from unnest($1::text[], $2::text[]) as m(email, scope)
        left join lateral (
            select sum(d.cost) as total, sum(d.cost) filter (where d.day >= $3) as recent, sum(d.calls) as calls
            from daily_spend d where d.scope = m.scope) s on true
        left join lateral (
            select e.started_at from ledger_entries e
            where s.calls > 0 and e.user_name = m.email and e.started_at >= $4 and m.scope = any(e.scopes)
            order by e.started_at desc limit 1) l on true
        """;

    private const string ByMemberInTime = """
        select m.email, count(e.id), coalesce(sum((e.usage->>'input')::bigint), 0)::bigint,
            coalesce(sum((e.usage->>'output')::bigint), 0)::bigint,
            coalesce(sum(e.cost), 0)
        from unnest($1::text[], $2::text[]) as m(email, scope)
        left join ledger_entries e on e.user_name = m.email and e.started_at >= $3 and e.started_at < $4 and m.scope = any(e.scopes)
        group by m.email
        """;

    public async Task<Dictionary<string,
        MemberSpend>> OfAsync(TaughtClass taught, IReadOnlyList<ClassMember> members, CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken);
        await using var command = Ask(ByMember, taught, members, taught.Window.From(clock.Today), Midnight(taught.StartsOn));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var spends = new Dictionary<string, MemberSpend>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
        {
            spends[reader.GetString(0)] = new MemberSpend(reader.GetDecimal(1), reader.GetDecimal(2), reader.GetInt64(3),
                reader.IsDBNull(4) ? null : reader.GetFieldValue<DateTimeOffset>(4));
        }
        return spends;
    }

    public async Task<Dictionary<string, MemberUse>> OfAsync(
        TaughtClass taught, IReadOnlyList<ClassMember> members, DateOnly from, DateOnly to, CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken);
        await using var command = Ask(ByMemberInTime, taught, members, Midnight(from), Midnight(to.AddDays(1)));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var uses = new Dictionary<string, MemberUse>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
            uses[reader.GetString(0)] = new MemberUse(reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetDecimal(4));
        return uses;
    }

    private NpgsqlCommand Ask<TFrom, TTo>(string question, TaughtClass taught, IReadOnlyList<ClassMember> members, TFrom from, TTo to)
    {
        var command = postgres.CreateCommand(question);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. members.Select(static member => member.Email)] });
        command.Parameters.Add(
            new NpgsqlParameter<string[]> { TypedValue = [.. members.Select(member => ClassBudget.MemberKeyOf(member.Email, taught.Id))] });
        command.Parameters.Add(new NpgsqlParameter<TFrom> { TypedValue = from });
        command.Parameters.Add(new NpgsqlParameter<TTo> { TypedValue = to });
        return command;
    }

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ledger.FlushAsync(cancellationToken).WaitAsync(Timeout, clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Only the last seconds of calls are missing; the writer has already logged the error.
        }
    }

    private static DateTime Midnight(DateOnly day) => day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
}

/// <summary>In USD: in the window of the class's budget, and in total.</summary>
internal readonly record struct MemberSpend(decimal Recent, decimal Total, long Calls, DateTimeOffset? LastCallAt);

internal readonly record struct MemberUse(long Calls, long InputTokens, long OutputTokens, decimal Cost);
