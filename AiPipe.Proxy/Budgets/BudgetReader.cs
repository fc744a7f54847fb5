using System.Globalization;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Money;

namespace AiPipe.Proxy.Budgets;

internal static class BudgetReader
{
    private static readonly string[] Fields = ["Limit", "Days", "Period"];

    public static Budget Read(IConfigurationSection budget)
    {
        foreach (var child in budget.GetChildren())
            if (!IsField(child)) throw child.Wrong("is not known here: a budget has Limit and either Days or Period");
        return ReadFields(budget);
    }

    /// <summary>Reads a budget that may have other keys beside it.</summary>
    public static Budget ReadFields(IConfigurationSection budget)
    {
        var limit = budget.GetSection("Limit");
        if (limit.Value is null) throw limit.Wrong("is missing: give the limit in USD, such as 0.1");
        if (Number(limit) is not (>= 0 and <= BudgetOptions.MaxLimit and var usd))
            throw limit.Wrong("must be a number of USD from 0 to 9000000, such as 0.1");
        return new Budget(PicoUsd.FromUsd(usd), ReadWindow(budget));
    }

    public static bool IsField(IConfigurationSection child) => Fields.Contains(child.Key, StringComparer.OrdinalIgnoreCase);

    public static decimal? Number(IConfigurationSection value) =>
        decimal.TryParse(value.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static BudgetWindow ReadWindow(IConfigurationSection budget)
    {
        var (days, period) = (budget.GetSection("Days"), budget.GetSection("Period"));
        if (days.Value is not null && period.Value is not null) throw budget.Wrong("has both Days and Period: keep one of them");
        if (days.Value is null && period.Value is null) throw budget.Wrong("has no window: give Days, such as 7, or Period, \"month\"");
        if (period.Value is not null)
        {
            return period.Value.Equals("month", StringComparison.OrdinalIgnoreCase)
                ? new BudgetWindow.CalendarMonth()
                : throw period.Wrong("must be \"month\"; or give Days instead");
        }
        return int.TryParse(days.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1
            and <= BudgetOptions.MaxDays
            ? new BudgetWindow.LastDays(count)
            : throw days.Wrong("must be a whole number from 1 to 3660");
    }
}
