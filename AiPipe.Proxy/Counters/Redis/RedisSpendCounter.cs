using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure.Replicas;
using AiPipe.Proxy.Ledger.Entries;
using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pricing;
using Microsoft.Extensions.Options;
using Npgsql;
using StackExchange.Redis;

namespace AiPipe.Proxy.Counters.Redis;

/// <summary>Counts in Redis for all replicas; while Redis is unavailable, <see cref="OutageCounter"/> decides.</summary>
internal sealed class RedisSpendCounter(
    RedisMember redis, LocalReservations calls, RedisFill fill, OutageCounter outage, ReplicaRegistry registry,
        IOptionsMonitor<BudgetOptions> options, TimeProvider clock)
    : ISpendCounter
{
    /// <summary>Retries are needed if other calls take the room or a scope must be filled; this often only under contention.</summary>
    private const int MostTries = 12;

    /// <summary>How long an adjustment waits for pending entries of its day, and then for an earlier adjustment.</summary>
    private static readonly TimeSpan QuietTimeout = TimeSpan.FromSeconds(5);
    /// <summary>The shortest wait of a settlement for the user's monthly spend after a lost membership.</summary>
    private static readonly TimeSpan LeastMonthTimeout = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan QuietPause = TimeSpan.FromMilliseconds(20);

    private TimeSpan MonthTimeout =>
        options.CurrentValue.CounterTimeout is var timeout && timeout > LeastMonthTimeout ? timeout : LeastMonthTimeout;

    public async ValueTask<ReserveOutcome> ReserveAsync(
        Guid id, IReadOnlyList<BudgetScope> scopes, CostBound bound, DateOnly day, CancellationToken cancellationToken)
    {
        // A limit of zero blocks even free models.
        var request = scopes.Any(scope => scope.Budget.Limit <= PicoUsd.Zero)
            ? RedisRequest.Never : RedisRequest.Whole(bound, options.CurrentValue.HoldShare);
        for (var tries = 1; tries <= MostTries; tries++)
        {
            if (await calls.MemberAsync(cancellationToken) is not { } member) return await LeaseAsync(
                id, scopes, bound, day, cancellationToken);
            var charge = bound.WhenLost(request.Limit.Amount);
            if (await TryReserveAsync(member, id, scopes, request, charge, day, cancellationToken) is not { } rooms) continue;
            if (rooms is [])
            {
                var reservation = new Reservation(id, scopes, request.Limit, day);
                if (!calls.TryAdd(new LocalReservation(id, reservation.Keys, day, request.Limit.Amount, charge, IsSettled: false),
                    member)) continue;
                outage.Renew(scopes, member);
                return new ReserveOutcome.Reserved(reservation);
            }
            var (fit, tightest) = ScopeRooms.Decide(scopes, rooms, bound, options.CurrentValue.HoldShare, clock.Today);
            if (fit.Verdict != FitVerdict.Fits || tries == MostTries)
                return new ReserveOutcome.NoRoom(rooms[tightest].Read(scopes[tightest], clock.Today), fit.Verdict != FitVerdict.Spent);
            request = RedisRequest.Create(fit.Limit, bound);
        }
        // No lease: Redis responds, so its counters must decide.
        throw new CounterUnavailableException("Redis answers, but what a scope has was lost again and again.");
    }

    private async ValueTask<ReserveOutcome> LeaseAsync(
        Guid id, IReadOnlyList<BudgetScope> scopes, CostBound bound, DateOnly day, CancellationToken cancellationToken)
    {
        var outcome = await outage.ReserveAsync(id, scopes, bound, day, cancellationToken);
        if (outcome is ReserveOutcome.Reserved { Reservation: var leased })
        {
            var call = new LocalReservation(id, leased.Keys, day, leased.Amount, bound.WhenLost(leased.Amount), IsSettled: false);
            if (calls.Add(call) is { } back) await redis.PutAsync(back, call);
        }
        return outcome;
    }

    public ValueTask<MonthSpend?>? Settle(Reservation reservation, PicoUsd cost)
    {
        if (calls.Change(reservation.Id, call => call with { Cost = cost, IsSettled = true }) is not (var call, var tell)) return null;
        outage.Settle(reservation, cost);
        return new ValueTask<MonthSpend?>(SettleAsync(call, tell, reservation.Scopes[0]));
    }

    /// <summary>Updates Redis if this replica is a member; otherwise the next join does, after which Redis knows the month.</summary>
    private async Task<MonthSpend?> SettleAsync(LocalReservation call, Membership? tell, BudgetScope person)
    {
        if (tell is not null && await redis.SettleAsync(tell, call, clock.Today) is { } month) return month;
        return person.IsPersons ? await MonthAgainAsync(person, call.Day) : null;
    }

    /// <summary>Queries Redis once more after a lost membership: a wiped server is complete again within milliseconds.</summary>
    private async Task<MonthSpend?> MonthAgainAsync(BudgetScope person, DateOnly day)
    {
        using var timeout = new CancellationTokenSource(MonthTimeout, clock);
        try
        {
            return await ReadFromRedisAsync(person, timeout.Token) is not null && calls.Member is { } member
                ? await redis.MonthAsync(member, person.Key, day, clock.Today)
                : null;
        }
        catch (Exception exception) when (exception is OperationCanceledException or NpgsqlException)
        {
            return null;
        }
    }

    public async ValueTask<bool> ReleaseAsync(Reservation reservation)
    {
        if (calls.Remove(reservation.Id) is not (_, var tell)) return false;
        await outage.ReleaseAsync(reservation);
        if (tell is not null) await redis.DropAsync(tell, reservation.Id);
        return true;
    }

    public void Mark(Guid id, PicoUsd counted)
    {
        if (calls.Change(id, call => call with { Cost = PicoUsd.Max(call.Cost, counted) }) is (var call, { } tell)) _ =
            redis.MarkAsync(tell, call);
    }

    public async ValueTask<ScopeSpend> ReadAsync(BudgetScope scope, CancellationToken cancellationToken) =>
        await ReadFromRedisAsync(scope, cancellationToken) is { } counter
            ? counter.Read(scope, clock.Today)
            : await outage.ReadAsync(scope, cancellationToken);

    public async ValueTask<PicoUsd> SetDayAsync(Guid id, string scope, DateOnly day, PicoUsd cost, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(day, clock.Horizon);
        var since = new BudgetScope(scope, new Budget(PicoUsd.Zero, new BudgetWindow.LastDays(clock.Today.DayNumber - day.DayNumber + 1)));
        var begun = clock.GetTimestamp();
        for (var waited = TimeSpan.Zero; waited < 2 * QuietTimeout; waited = clock.GetElapsedTime(begun))
        {
            if (await ReadFromRedisAsync(since, cancellationToken) is not { } counter || calls.Member is not { } member) break;
            // Postgres's sum may already contain pending entries, so the total is exact only if none are pending. If some always are,
            // they count in addition.
            var (inPostgres, quiet) = (counter.InPostgres(day), waited < QuietTimeout ? "1" : "");
            var difference = cost - inPostgres;
            var answer = await redis.RunAsync(
                member, ScopeScripts.SetDay, id.ToString("N"), scope, day.DayNumber, difference.Text(), inPostgres.Text(), quiet);
            if ((string?)answer?[0] != "done")
            {
                await Task.Delay(QuietPause, clock, cancellationToken);
                continue;
            }
            var correction = new LocalReservation(id, [scope], day, PicoUsd.Zero, difference, IsSettled: true, IsAdjustment: true);
            if (calls.Add(correction) is { } now && now != member) await redis.PutAsync(now, correction);
            return difference;
        }
        throw new CounterUnavailableException("Redis does not answer, or an earlier correction is still on its way to Postgres.");
    }

    public async ValueTask WrittenAsync(WrittenEntries written)
    {
        var (owners, tell) = calls.Written(redis.Replica, written);
        while (tell is not null && !await SyncAsync(tell, owners, written.Totals)) tell = calls.NotTold(written.Totals);
    }

    public async ValueTask ReplayedAsync(Guid replica, WrittenEntries written)
    {
        var ids = written.Entries.ToLookup(_ => replica, entry => entry.Id);
        for (var tell = calls.NotTold(written.Totals); tell is not null && !await SyncAsync(tell, ids, written.Totals);) tell =
            calls.NotTold(written.Totals);
    }

    public async ValueTask ForgetAsync(Guid replica)
    {
        try
        {
            await registry.RemoveAsync(replica, CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            // The entry in the list expires by itself.
        }
        while (calls.Forget(replica) is { } member && !await redis.ForgetAsync(member, replica))
        {
            // The membership was lost; it may be restored.
        }
    }

    /// <summary>Reports calls that Postgres has. Sums go with the first command: the reverse order would count too little.</summary>
    private async Task<bool> SyncAsync(Membership member, ILookup<Guid, Guid> owners, IReadOnlyList<DayTotal> totals)
    {
        foreach (var owner in owners.DefaultIfEmpty())
        {
            if (await redis.WrittenAsync(member, owner?.Key ?? redis.Replica, owner?.ToList() ?? [], totals) is null) return false;
            totals = [];
        }
        return true;
    }

    private async Task<ScopeCounter?> ReadFromRedisAsync(BudgetScope scope, CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < MostTries; tries++)
        {
            if (await calls.MemberAsync(cancellationToken) is not { } member) return null;
            if (await TryReserveAsync(
                member, Guid.Empty, [scope], RedisRequest.Never, PicoUsd.Zero, clock.Today, cancellationToken) is [
                var counter]) return counter;
        }
        return null;
    }

    /// <summary>Tries to reserve.</summary>
    /// <returns>Empty if reserved, otherwise the numbers of each scope; <c>null</c> if the caller must retry.</returns>
    private async Task<IReadOnlyList<ScopeCounter>?> TryReserveAsync(
        Membership member, Guid id, IReadOnlyList<BudgetScope> scopes, RedisRequest request, PicoUsd charge, DateOnly day,
        CancellationToken cancellationToken, bool asOfToday = true)
    {
        var today = clock.Today;
        RedisValue[] values =
        [
            id.ToString("N"), request.Limit.Amount.Text(), request.Required, charge.Text(), day.DayNumber, asOfToday ? today.DayNumber : 0,
            .. scopes.SelectMany(scope => new RedisValue[]
            {
                scope.Key, scope.Budget.Limit.Text(), scope.Budget.Window.From(today).DayNumber, scope.KnownFrom(today).DayNumber,
            }),
        ];
        switch (await redis.RunAsync(member, CallScripts.Reserve, values))
        {
            case null: return null;
            case [var said] when (string?)said == "held": return [];
            case [var said] when (string?)said == "unfilled":
                if (!asOfToday) return null;
                try
                {
                    foreach (var scope in scopes) await fill.FillAsync(member, scope.Key, scope.KnownFrom(today), cancellationToken);
                    return null;
                }
                // The daily fill only removes old days: without Postgres, yesterday's fill is good enough.
                catch (NpgsqlException)
                {
                    if (await TryReserveAsync(
                        member, id, scopes, request, charge, day, cancellationToken, asOfToday: false) is not { } before) throw;
                    return before;
                }
            case [var said, .. var fields] when (string?)said == "room": return [.. fields.Select(RedisValues.Scope)];
            default:
                calls.Lose(member);
                return null;
        }
    }
}
