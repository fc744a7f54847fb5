using AiPipe.Proxy.Money;

namespace AiPipe.Proxy.Budgets;

/// <summary>A limit over a window of UTC days.</summary>
internal sealed record Budget(PicoUsd Limit, BudgetWindow Window)
{
    /// <summary>What somebody has for whom nothing is configured: nothing.</summary>
    public static readonly Budget Zero = new(PicoUsd.Zero, new BudgetWindow.LastDays(1));
}

/// <summary>Which UTC dates count.</summary>
internal abstract record BudgetWindow
{
    private BudgetWindow() { }

    /// <summary>The first date that counts today.</summary>
    public abstract DateOnly From(DateOnly today);

    /// <summary>The first date on which something spent today no longer counts.</summary>
    public abstract DateOnly ResetsOn(DateOnly today);

    /// <summary>How many dates count today.</summary>
    public int DaysOn(DateOnly today) => today.DayNumber - From(today).DayNumber + 1;

    /// <summary>The last <paramref name="Days"/> dates, today included.</summary>
    public sealed record LastDays(int Days) : BudgetWindow
    {
        public override DateOnly From(DateOnly today) => today.AddDays(1 - Days);
        public override DateOnly ResetsOn(DateOnly today) => today.AddDays(Days);
    }

    /// <summary>From the first of the month; starts anew on the next first at midnight UTC.</summary>
    public sealed record CalendarMonth : BudgetWindow
    {
        public override DateOnly From(DateOnly today) => new(today.Year, today.Month, 1);
        public override DateOnly ResetsOn(DateOnly today) => From(today).AddMonths(1);
    }

    /// <summary>From one date to another, whatever day it is.</summary>
    public sealed record Dates(DateOnly First, DateOnly Last) : BudgetWindow
    {
        public override DateOnly From(DateOnly today) => First;
        public override DateOnly ResetsOn(DateOnly today) => Last.AddDays(1);
    }
}
