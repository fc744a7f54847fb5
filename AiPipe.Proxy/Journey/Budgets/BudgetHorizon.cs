namespace AiPipe.Proxy.Journey.Budgets;

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
}
