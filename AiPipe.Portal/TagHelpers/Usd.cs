using System.Globalization;

namespace AiPipe.Portal.TagHelpers;

/// <summary>How pages write money.</summary>
internal static class Usd
{
    /// <summary>Two decimals from a dollar on, below it as many as show two digits that are not zero: <c>$12.30</c>, <c>$0.45</c>, <c>$0.00037</c>.</summary>
    public static string Text(decimal? usd)
    {
        if (usd is not { } value) return "–";
        var size = Math.Abs(value);
        if (size is 0 or >= 1) return value.ToString("$#,##0.00;-$#,##0.00", CultureInfo.InvariantCulture);
        var decimals = 2;
        for (var scaled = size * 10; scaled < 1 && decimals < 12; scaled *= 10) decimals++;
        return (value < 0 ? "-$" : "$") + size.ToString("0." + new string('0', decimals), CultureInfo.InvariantCulture);
    }

    /// <summary>Every digit that there is, without a sign of the currency.</summary>
    public static string Exact(decimal usd) => usd.ToString("0.############", CultureInfo.InvariantCulture);
}
