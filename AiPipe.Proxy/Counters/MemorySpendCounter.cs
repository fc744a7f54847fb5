using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Ledger.Entries;
using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pricing;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Counters;

/// <summary>
/// Counts in this process's memory. A scope is read from <c>daily_spend</c> at its first use and stays while it has running calls or
/// unwritten entries. So Postgres has everything of a scope that is read, and no entry is missed or counted twice.
/// </summary>
/// <remarks>
/// One lock guards everything, so all scopes of a call change at once. Methods throw <see cref="Npgsql.NpgsqlException"/> if a scope
/// cannot be read; the next call retries.
/// </remarks>
internal sealed class MemorySpendCounter(
    LedgerStore store, IOptionsMonitor<BudgetOptions> options, TimeProvider clock, int mostResident = MemorySpendCounter.MostResident)
    : ISpendCounter
{
    /// <summary>Idle scopes beyond this number are evicted, least recently used first.</summary>
    private const int MostResident = 100_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, ScopeCounter> _scopes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Load> _loads = new(StringComparer.Ordinal);
    private readonly HashSet<Guid> _open = [];

    public async ValueTask<ReserveOutcome> ReserveAsync(
        Guid id, IReadOnlyList<BudgetScope> scopes, CostBound bound, DateOnly day, CancellationToken cancellationToken)
    {
        while (true)
        {
            lock (_gate)
            {
                if (AreResident(scopes)) return Reserve(id, scopes, bound, day);
            }
            foreach (var scope in scopes) await LoadAsync(scope.Key, cancellationToken);
        }
    }

    public ValueTask<MonthSpend?>? Settle(Reservation reservation, PicoUsd cost) =>
        End(reservation, cost, out var month) ? new ValueTask<MonthSpend?>(month) : null;

    public ValueTask<bool> ReleaseAsync(Reservation reservation) => ValueTask.FromResult(End(reservation, null, out _));

    /// <summary>The journal has the marks.</summary>
    public void Mark(Guid id, PicoUsd counted) { }

    public async ValueTask<ScopeSpend> ReadAsync(BudgetScope scope, CancellationToken cancellationToken)
    {
        while (true)
        {
            lock (_gate)
            {
                if (_scopes.TryGetValue(scope.Key, out var counter)) return Read(scope, counter);
            }
            await LoadAsync(scope.Key, cancellationToken);
        }
    }

    public async ValueTask<PicoUsd> SetDayAsync(Guid id, string scope, DateOnly day, PicoUsd cost, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(day, clock.Horizon);
        while (true)
        {
            lock (_gate)
            {
                if (_scopes.TryGetValue(scope, out var counter))
                {
                    var difference = cost - counter.SpentOn(day);
                    counter.Spend(day, difference, calls: 0);
                    return difference;
                }
            }
            await LoadAsync(scope, cancellationToken);
        }
    }

    public ValueTask WrittenAsync(WrittenEntries written)
    {
        lock (_gate)
        {
            Take(written.Totals);
            foreach (var entry in written.Entries)
                foreach (var scope in entry.Scopes)
                    if (_scopes.TryGetValue(scope, out var counter)) counter.Written(entry.Day, entry.Cost, entry.Calls);
        }
        return ValueTask.CompletedTask;
    }

    public ValueTask ReplayedAsync(Guid replica, WrittenEntries written)
    {
        lock (_gate) Take(written.Totals);
        return ValueTask.CompletedTask;
    }

    public ValueTask ForgetAsync(Guid replica) => ValueTask.CompletedTask;

    private void Take(IReadOnlyList<DayTotal> totals)
    {
        foreach (var total in totals)
        {
            if (_scopes.TryGetValue(total.Scope, out var counter)) counter.Take(total);
            else if (_loads.TryGetValue(total.Scope, out var load)) load.Missed.Add(total);
        }
    }

    private bool AreResident(IReadOnlyList<BudgetScope> scopes)
    {
        for (var i = 0; i < scopes.Count; i++)
            if (!_scopes.ContainsKey(scopes[i].Key)) return false;
        return true;
    }

    private ReserveOutcome Reserve(Guid id, IReadOnlyList<BudgetScope> scopes, CostBound bound, DateOnly day)
    {
        var counters = new ScopeCounter[scopes.Count];
        for (var i = 0; i < counters.Length; i++)
        {
            counters[i] = _scopes[scopes[i].Key];
            counters[i].LastUsed = clock.GetTimestamp();
        }
        var (fit, tightest) = ScopeRooms.Decide(scopes, counters, bound, options.CurrentValue.HoldShare, clock.Today);
        if (fit.Verdict != FitVerdict.Fits)
            return new ReserveOutcome.NoRoom(counters[tightest].Read(scopes[tightest], clock.Today), fit.Verdict == FitVerdict.Reserved);

        _open.Add(id);
        foreach (var counter in counters)
        {
            counter.Reserved += fit.Limit.Amount.Value;
            counter.Open++;
        }
        return new ReserveOutcome.Reserved(new Reservation(id, scopes, fit.Limit, day));
    }

    private bool End(Reservation reservation, PicoUsd? cost, out MonthSpend? month)
    {
        month = null;
        lock (_gate)
        {
            if (!_open.Remove(reservation.Id)) return false;
            foreach (var scope in reservation.Scopes)
            {
                var counter = _scopes[scope.Key];
                counter.Reserved -= reservation.Amount.Value;
                counter.Open--;
                if (cost is not { } spent) continue;
                counter.Spend(reservation.Day, spent, calls: 1);
                if (scope.IsPersons) month = counter.MonthOf(reservation.Day);
                counter.ForgetBefore(clock.Horizon);
            }
            return true;
        }
    }

    private ScopeSpend Read(BudgetScope scope, ScopeCounter counter)
    {
        counter.LastUsed = clock.GetTimestamp();
        return counter.Read(scope, clock.Today);
    }

    // Concurrent callers of one scope share a load; none can cancel it for the others.
    private async ValueTask LoadAsync(string scope, CancellationToken cancellationToken)
    {
        Load? load;
        lock (_gate)
        {
            if (_scopes.ContainsKey(scope)) return;
            if (!_loads.TryGetValue(scope, out load))
            {
                _loads[scope] = load = new Load();
                load.Done = Task.Run(() => FillAsync(scope, load), CancellationToken.None);
            }
        }
        await load.Done.WaitAsync(cancellationToken);
    }

    private async Task FillAsync(string scope, Load load)
    {
        try
        {
            var days = await store.DaysOfAsync(scope, clock.Horizon, CancellationToken.None);
            lock (_gate)
            {
                if (_scopes.Count >= mostResident) EvictIdle();
                var counter = new ScopeCounter { LastUsed = clock.GetTimestamp() };
                foreach (var day in days) counter.Take(day);
                foreach (var day in load.Missed) counter.Take(day);
                _scopes.Add(scope, counter);
            }
        }
        finally
        {
            lock (_gate) _loads.Remove(scope);
        }
    }

    // A tenth at a time, to spread the cost of sorting over many new scopes.
    private void EvictIdle()
    {
        var idle = _scopes.Where(scope => scope.Value.IsIdle).OrderBy(scope => scope.Value.LastUsed);
        foreach (var (scope, _) in idle.Take(Math.Max(1, mostResident / 10)).ToList()) _scopes.Remove(scope);
    }

    private sealed class Load
    {
        public Task Done { get; set; } = Task.CompletedTask;
        public List<DayTotal> Missed { get; } = [];
    }
}
