using AiPipe.Proxy.Money;

namespace AiPipe.Proxy.Budgets;

/// <summary>One counter at one moment.</summary>
/// <param name="Days">The spend on each date of the window, oldest first.</param>
/// <param name="Reserved">The reservations of running calls.</param>
internal sealed record ScopeSpend(
    BudgetScope Scope, DateOnly Today, IReadOnlyList<DaySpend> Days, PicoUsd Spent, PicoUsd Reserved)
{
    public PicoUsd Limit => Scope.Budget.Limit;

    /// <summary>The first date on which enough spend has left the window.</summary>
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

internal readonly record struct DaySpend(DateOnly Day, PicoUsd Cost);

internal abstract record ReserveOutcome
{
    private ReserveOutcome() { }

    public sealed record Reserved(Reservation Reservation) : ReserveOutcome;

    public sealed record NoRoom(ScopeSpend Scope, bool WaitingHelps) : ReserveOutcome;
}
