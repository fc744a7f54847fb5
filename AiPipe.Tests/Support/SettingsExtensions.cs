using System.Globalization;

namespace AiPipe.Tests.Support;

internal static class SettingsExtensions
{
    /// <summary>Gives somebody a budget in USD.</summary>
    public static void AddBudget(this Dictionary<string, string?> settings, string name, decimal limit, int days)
    {
        settings[$"AiPipe:Budgets:{name}:Limit"] = limit.ToString(CultureInfo.InvariantCulture);
        settings[$"AiPipe:Budgets:{name}:Days"] = days.ToString(CultureInfo.InvariantCulture);
    }
}
