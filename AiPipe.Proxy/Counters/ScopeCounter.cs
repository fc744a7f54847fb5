using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Ledger.Entries;
using AiPipe.Proxy.Money;

namespace AiPipe.Proxy.Counters;

/// <summary>One scope's numbers in memory. Not thread-safe: its owner's lock guards it.</summary>
internal sealed class ScopeCounter
{
    private readonly SortedList<DateOnly, Day> _days = [];

    /// <summary>The reservations of running calls, in pico-USD.</summary>
    public long Reserved { get; set; }
    public int Open { get; set; }
    /// <summary>The number of counted entries that Postgres does not have yet.</summary>
    public int Unwritten { get; private set; }
    /// <summary>A timestamp of the clock, for eviction.</summary>
    public long LastUsed { get; set; }

    /// <summary>True if it can be evicted and read from Postgres again without loss.</summary>
    public bool IsIdle => Open == 0 && Unwritten == 0;

    public ScopeSpend Read(BudgetScope scope, DateOnly today)
    {
        var from = scope.Budget.Window.From(today);
        return new ScopeSpend(scope, today, DaysSince(from), SpentSince(from), new PicoUsd(Reserved));
    }

    public PicoUsd InPostgres(DateOnly day) => new(_days.GetValueOrDefault(day).InPostgres);

    public PicoUsd SpentOn(DateOnly day) => _days.GetValueOrDefault(day).Spent;

    public void Spend(DateOnly day, PicoUsd cost, int calls)
    {
        Add(day, cost.Value, calls);
        Unwritten++;
    }

    /// <summary>Moves an entry into Postgres's sum.</summary>
    public void Written(DateOnly day, PicoUsd cost, int calls)
    {
        Add(day, -(Int128)cost.Value, -calls);
        Unwritten--;
    }

    /// <summary>Takes over a sum from Postgres, unless a newer one is known.</summary>
    public void Take(DayTotal total)
    {
        var before = _days.GetValueOrDefault(total.Day);
        if (total.Entries >= before.Entries) _days[total.Day] =
            before with { InPostgres = total.Cost.Value, Entries = total.Entries, CallsInPostgres = total.Calls };
    }

    public MonthSpend MonthOf(DateOnly day)
    {
        var (first, last) = day.WholeMonth;
        Int128 cost = 0;
        long calls = 0;
        for (var i = _days.Count - 1; i >= 0 && _days.GetKeyAtIndex(i) >= first; i--)
        {
            if (_days.GetKeyAtIndex(i) > last) continue;
            var spent = _days.GetValueAtIndex(i);
            cost += spent.Sum;
            calls += spent.Calls;
        }
        return new MonthSpend(PicoUsd.Saturate(cost), calls);
    }

    public PicoUsd SpentSince(DateOnly from)
    {
        Int128 sum = 0;
        for (var i = _days.Count - 1; i >= 0 && _days.GetKeyAtIndex(i) >= from; i--) sum += _days.GetValueAtIndex(i).Sum;
        return PicoUsd.Saturate(sum);
    }

    public IReadOnlyList<DaySpend> DaysSince(DateOnly from) =>
        [.. _days.Where(day => day.Key >= from && day.Value.Sum != 0).Select(day => new DaySpend(day.Key, day.Value.Spent))];

    public void ForgetBefore(DateOnly day)
    {
        while (_days.Count > 0 && _days.GetKeyAtIndex(0) < day) _days.RemoveAt(0);
    }

    /// <summary>What may still be spent: with no running call, and besides the running calls.</summary>
    public (PicoUsd Alone, PicoUsd Available) Room(Budget budget, DateOnly today)
    {
        var alone = (Int128)budget.Limit.Value - SpentSince(budget.Window.From(today)).Value;
        return (PicoUsd.Saturate(alone), PicoUsd.Saturate(alone - Reserved));
    }

    private void Add(DateOnly day, Int128 onItsWay, int calls)
    {
        var before = _days.GetValueOrDefault(day);
        _days[day] = before with { OnItsWay = before.OnItsWay + onItsWay, CallsOnTheirWay = before.CallsOnTheirWay + calls };
    }

    /// <summary>One date, in pico-USD: Postgres's sum with its number of entries, and the pending cost.</summary>
    private readonly record struct Day(long InPostgres, long Entries, long CallsInPostgres, Int128 OnItsWay, long CallsOnTheirWay)
    {
        public long Calls => CallsInPostgres + CallsOnTheirWay;
        public Int128 Sum => InPostgres + OnItsWay;
        public PicoUsd Spent => PicoUsd.Saturate(Sum);
    }
}
