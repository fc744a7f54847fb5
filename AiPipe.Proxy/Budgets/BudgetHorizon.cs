namespace AiPipe.Proxy.Budgets;

internal static class BudgetHorizon
{
    extension(TimeProvider clock)
    {
        public DateOnly Today => DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);

        public DateOnly Horizon => clock.Today.AddDays(1 - BudgetOptions.MaxDays);
    }

    extension(DateOnly day)
    {
        public (DateOnly First, DateOnly Last) WholeMonth =>
            (new(day.Year, day.Month, 1), new(day.Year, day.Month, DateTime.DaysInMonth(day.Year, day.Month)));

        /// <summary>The days of the month until today.</summary>
        public (DateOnly First, DateOnly Last) MonthUntil(DateOnly today) =>
            day.WholeMonth is var (first, last) && today < last ? (first, today) : (first, last);
    }
}
