using AiPipe.Proxy.Journey.Pricing;

namespace AiPipe.Proxy.Journey.Budgets;

/// <summary>One scope's numbers in memory. Not safe for concurrent use: its owner's lock guards it.</summary>
internal sealed class ScopeCounter
{
    // Oldest first; a scope has few dates, and new ones come at the end.
    private readonly SortedList<DateOnly, long> _days = [];

    public ScopeCounter(IEnumerable<DaySpend> days)
    {
        foreach (var day in days) _days.Add(day.Day, day.Cost.Value);
    }

    /// <summary>What calls in flight hold, in pico-USD.</summary>
    public long Held { get; set; }
    /// <summary>How many calls in flight hold something here, if only nothing (free models).</summary>
    public int Open { get; set; }
    /// <summary>How many entries counted here Postgres does not have yet.</summary>
    public int Unwritten { get; set; }
    /// <summary>When it was last looked at, for eviction: a timestamp of the clock.</summary>
    public long LastUsed { get; set; }

    /// <summary>Nothing would be lost if it were forgotten and read from Postgres again.</summary>
    public bool IsIdle => Open == 0 && Unwritten == 0;

    public PicoUsd SpentOn(DateOnly day) => new(_days.GetValueOrDefault(day));

    public void Add(DateOnly day, PicoUsd cost) =>
        _days[day] = Saturate((Int128)_days.GetValueOrDefault(day) + cost.Value);

    public PicoUsd SpentSince(DateOnly from)
    {
        Int128 sum = 0;
        for (var i = _days.Count - 1; i >= 0 && _days.GetKeyAtIndex(i) >= from; i--) sum += _days.GetValueAtIndex(i);
        return new PicoUsd(Saturate(sum));
    }

    public IReadOnlyList<DaySpend> DaysSince(DateOnly from) =>
        [.. _days.Where(day => day.Key >= from && day.Value != 0).Select(day => new DaySpend(day.Key, new PicoUsd(day.Value)))];

    /// <summary>Forgets dates that no window reaches any more.</summary>
    public void ForgetBefore(DateOnly day)
    {
        while (_days.Count > 0 && _days.GetKeyAtIndex(0) < day) _days.RemoveAt(0);
    }

    /// <summary>What may still be spent: of all, and of what is not held.</summary>
    public (PicoUsd Alone, PicoUsd Available) Room(Budget budget, DateOnly today)
    {
        var alone = (Int128)budget.Limit.Value - SpentSince(budget.Window.From(today)).Value;
        return (new PicoUsd(Saturate(alone)), new PicoUsd(Saturate(alone - Held)));
    }

    // A correction may set absurd sums; they must block a budget, not break it.
    private static long Saturate(Int128 value) => (long)Int128.Clamp(value, long.MinValue, long.MaxValue);
}
