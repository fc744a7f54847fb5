using System.Globalization;

namespace AiPipe.Portal.TagHelpers;

/// <summary>How pages write UTC dates.</summary>
internal static class Dates
{
    /// <summary>In tables: <c>6 Dec 2026</c>.</summary>
    public static string Short(DateOnly date) => date.ToString("d MMM yyyy", CultureInfo.InvariantCulture);

    /// <summary>In sentences: <c>6 December</c>, with the year where it is not the current one.</summary>
    public static string Long(DateOnly date, DateOnly today) =>
        date.ToString(date.Year == today.Year ? "d MMMM" : "d MMMM yyyy", CultureInfo.InvariantCulture);

    public static DateOnly Today(this TimeProvider clock) => DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
}
