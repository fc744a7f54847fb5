using System.Globalization;

namespace AiPipe.Proxy.Budgets;

internal static class SpentMessage
{
    /// <summary>A pico-USD.</summary>
    private const int MostDigits = 12;

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

    /// <param name="cost">The maximum cost of the request.</param>
    /// <param name="left">What is left of the budget: less than <paramref name="cost"/>.</param>
    public static string TooLarge(BudgetScope scope, decimal cost, decimal left)
    {
        // As many digits as it takes to show what is left, and that the cost is more.
        var digits = 2;
        while (digits < MostDigits && (Floor(left, digits) == 0 || decimal.Round(cost, digits) <= Floor(left, digits))) digits++;
        var (most, rest) = (Text(decimal.Round(cost, digits)), Text(Floor(left, digits)));
        var whose = scope.IsOverall ? "" : $" {(scope.IsShared ? "of the shared budget" : "of your budget")} {PartOf(scope)}";
        return $"This request can cost up to ${most}; ${rest} is left{whose}. "
            + "Shorten the input, send smaller images or files, use a cheaper model, or ask for a larger budget.";
    }

    private static decimal Floor(decimal usd, int digits) => decimal.Round(usd, digits, MidpointRounding.ToZero);

    private static string Text(decimal usd) => usd.ToString("0.00##########", CultureInfo.InvariantCulture);

    private static string PartOf(BudgetScope scope) => scope.Kind switch
    {
        "everyone" => "of all people here",
        "domain" => $"of all people at {scope.Name[1..]}",
        "team" => $"of team {scope.Name}",
        "class" => scope.IsShared ? "of your class" : "from your class",
        _ => $"for {scope.Name}",
    };
}
