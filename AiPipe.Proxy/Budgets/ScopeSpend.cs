using AiPipe.Proxy.Money;

namespace AiPipe.Proxy.Budgets;

/// <summary>What one counter says at one moment.</summary>
/// <param name="Scope">Which counter, with its limit and window.</param>
/// <param name="Today">The UTC date of that moment.</param>
/// <param name="Days">What was spent on each date of the window that has any, oldest first.</param>
/// <param name="Spent">The sum of <paramref name="Days"/>.</param>
/// <param name="Held">What calls in flight hold.</param>
internal sealed record ScopeSpend(
    BudgetScope Scope, DateOnly Today, IReadOnlyList<DaySpend> Days, PicoUsd Spent, PicoUsd Held)
{
    public PicoUsd Limit => Scope.Budget.Limit;

    /// <summary>The first date on which so much has left the window that something can be spent again.</summary>
    public DateOnly ResetsOn()
    {
        var (window, rest) = (Scope.Budget.Window, (Int128)Spent.Value);
        foreach (var day in Days)
        {
            rest -= day.Cost.Value;
            if (rest < Limit.Value) return window.ResetsOn(day.Day);
        }
        return window.ResetsOn(Today);
    }
}

/// <summary>What was spent on one UTC date.</summary>
internal readonly record struct DaySpend(DateOnly Day, PicoUsd Cost);

/// <summary>The answer to "may this call leave?".</summary>
internal abstract record ReserveOutcome
{
    private ReserveOutcome() { }

    public sealed record Reserved(Reservation Reservation) : ReserveOutcome;

    /// <summary>It may not.</summary>
    /// <param name="Scope">The counter that has the least left.</param>
    /// <param name="WaitingHelps">Calls in flight hold what this one needs.</param>
    public sealed record NoRoom(ScopeSpend Scope, bool WaitingHelps) : ReserveOutcome;
}
