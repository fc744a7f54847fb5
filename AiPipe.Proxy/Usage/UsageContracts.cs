using AiPipe.Proxy.Budgets;

namespace AiPipe.Proxy.Usage;

internal static class UsageContracts
{
    public static UsageReport CreateReport(
        string email, ScopeSpend shown, IReadOnlyList<ScopeSpend> holding, IReadOnlyList<ScopeSpend> partial) => new()
        {
            Email = email,
            Days = shown.Scope.Budget.Window.DaysOn(shown.Today),
            Cost = shown.Spent.ToUsd(),
            Usage = [.. shown.Days.Select(day => new UsageDay(day.Day, day.Cost.ToUsd()))],
            Limit = shown.Limit.ToUsd(),
            Spent = shown.Spent.ToUsd(),
            Held = shown.Reserved.ToUsd(),
            Remaining = holding.Min(Remaining),
            Scopes = [.. holding.Concat(partial).Select(ToContract)],
        };

    public static UsageScope ToContract(this ScopeSpend spend) => new()
    {
        Kind = spend.Scope.Kind,
        Name = spend.Scope.Name,
        Together = spend.Scope.IsShared,
        Limit = spend.Limit.ToUsd(),
        Spent = spend.Spent.ToUsd(),
        Held = spend.Reserved.ToUsd(),
        Remaining = spend.Remaining(),
        Days = (spend.Scope.Budget.Window as BudgetWindow.LastDays)?.Days,
        Period = spend.Scope.Budget.Window is BudgetWindow.CalendarMonth ? "month" : null,
        ResetsAt = spend.ResetsOn().ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc),
    };

    /// <summary>The remaining amount in USD; never below zero.</summary>
    public static decimal Remaining(this ScopeSpend spend) =>
        Math.Max(0, spend.Limit.ToUsd() - spend.Spent.ToUsd() - spend.Reserved.ToUsd());
}
