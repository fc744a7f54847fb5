using AiPipe.Proxy.Money;

namespace AiPipe.Proxy.Budgets;

internal sealed record Budget(PicoUsd Limit, BudgetWindow Window)
{
    public static readonly Budget Zero = new(PicoUsd.Zero, new BudgetWindow.LastDays(1));
}

internal abstract record BudgetWindow
{
    private BudgetWindow() { }

    public abstract DateOnly From(DateOnly today);

    /// <summary>The first date on which today's spend no longer counts.</summary>
    public abstract DateOnly ResetsOn(DateOnly today);

    public int DaysOn(DateOnly today) => today.DayNumber - From(today).DayNumber + 1;

    public sealed record LastDays(int Days) : BudgetWindow
    {
        public override DateOnly From(DateOnly today) => today.AddDays(1 - Days);
        public override DateOnly ResetsOn(DateOnly today) => today.AddDays(Days);
    }

    public sealed record CalendarMonth : BudgetWindow
    {
        public override DateOnly From(DateOnly today) => new(today.Year, today.Month, 1);
        public override DateOnly ResetsOn(DateOnly today) => From(today).AddMonths(1);
    }

    public sealed record Dates(DateOnly First, DateOnly Last) : BudgetWindow
    {
        public override DateOnly From(DateOnly today) => First;
        public override DateOnly ResetsOn(DateOnly today) => Last.AddDays(1);
    }
}
