using System.Globalization;
using AiPipe.Portal.Gateway;

namespace AiPipe.Portal.Charts;

/// <summary>Spending as bars, one a date, the dates without a call among them.</summary>
internal static class DayBars
{
    public static IReadOnlyList<Bar> FromSpend(SpendReport spend)
    {
        var costs = spend.Days.ToDictionary(day => day.Date, day => day.Cost);
        var count = Math.Max(1, spend.To.DayNumber - spend.From.DayNumber + 1);
        return [.. Enumerable.Range(0, count).Select(spend.From.AddDays)
            .Select(date => new Bar(date.ToString("MMM d", CultureInfo.InvariantCulture), costs.GetValueOrDefault(date)))];
    }
}
