namespace AiPipe.Proxy.Budgets;

/// <summary>Which dates counters know.</summary>
internal static class BudgetHorizon
{
    extension(TimeProvider clock)
    {
        /// <summary>The UTC date of this moment.</summary>
        public DateOnly Today => DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);

        /// <summary>The first date that is counted at all.</summary>
        public DateOnly Horizon => clock.Today.AddDays(1 - BudgetOptions.MaxDays);
    }

    extension(DateOnly day)
    {
        /// <summary>The first and the last date of its calendar month.</summary>
        public (DateOnly First, DateOnly Last) WholeMonth => (new(day.Year, day.Month, 1), new(day.Year, day.Month, DateTime.DaysInMonth(day.Year, day.Month)));

        /// <summary>Of its calendar month what has been.</summary>
        public (DateOnly First, DateOnly Last) MonthUntil(DateOnly today) => day.WholeMonth is var (first, last) && today < last ? (first, today) : (first, last);
    }
}
