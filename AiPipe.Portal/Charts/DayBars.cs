using System.Globalization;

namespace AiPipe.Portal.Charts;

/// <summary>The bars of spending per day, including the days without calls.</summary>
internal static class DayBars
{
    public static IReadOnlyList<Bar> FromSpend(SpendReport spend)
    {
        var costs = spend.Days.ToDictionary(day => day.Date, day => day.Cost);
        var count = Math.Max(1, spend.To.DayNumber - spend.From.DayNumber + 1);
        return [.. Enumerable.Range(0, count).Select(spend.From.AddDays)
            .Select(date => new Bar(date.ToString("d MMM", CultureInfo.InvariantCulture), costs.GetValueOrDefault(date)))];
    }
}
