using System.Globalization;

namespace AiPipe.Proxy.Budgets;

internal static class SpentMessage
{
    /// <summary>The original's wording for the user's own budget and an app's allowance; for other limits, what they limit.</summary>
    public static string Describe(ScopeSpend spend)
    {
        var (scope, days) = (spend.Scope, spend.Scope.Budget.Window.DaysOn(spend.Today));
        var amounts = string.Create(CultureInfo.InvariantCulture, $"${spend.Spent.ToUsd()} / ${spend.Limit.ToUsd()}");
        if (scope.IsOverall) return string.Create(CultureInfo.InvariantCulture, $"Usage {amounts} in {days} days");

        var window = scope.Budget.Window is BudgetWindow.CalendarMonth ? "this month"
            : scope.Budget.Window is BudgetWindow.Dates ? "in all"
            : string.Create(CultureInfo.InvariantCulture, $"in {days} {(days == 1 ? "day" : "days")}");
        var whose = scope.IsShared ? "The shared budget" : "Your budget";
        return $"{whose} {PartOf(scope)} is spent: {amounts} {window}";
    }

    private static string PartOf(BudgetScope scope) => scope.Kind switch
    {
        "everyone" => "of all people here",
        "domain" => $"of all people at {scope.Name[1..]}",
        "team" => $"of team {scope.Name}",
        "class" => scope.IsShared ? "of your class" : "from your class",
        _ => $"for {scope.Name}",
    };
}
