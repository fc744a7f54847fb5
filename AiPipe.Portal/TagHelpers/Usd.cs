using System.Globalization;

namespace AiPipe.Portal.TagHelpers;

/// <summary>How pages write money.</summary>
internal static class Usd
{
    private const int MaxDecimals = 12;

    /// <summary>
    /// Two decimals from a dollar on; below a dollar two significant digits, at least two decimals and no further zeros:
    /// <c>$1,234.50</c>, <c>$0.10</c>, <c>$0.012</c>, <c>$0.00009</c>. The playground's script has the same rule.
    /// </summary>
    public static string Text(decimal? usd)
    {
        if (usd is not { } value) return "–";
        var (size, decimals) = (Math.Abs(value), 2);
        for (var scaled = size * 10; scaled is > 0 and < 1 && decimals < MaxDecimals; scaled *= 10) decimals++;
        var rounded = Math.Round(size, decimals, MidpointRounding.AwayFromZero);
        return (value < 0 ? "-$" : "$") + rounded.ToString("#,##0.00##########", CultureInfo.InvariantCulture);
    }

    /// <summary>Every digit, at least two decimals, without a currency sign.</summary>
    public static string Exact(decimal usd) => usd.ToString("0.00##########", CultureInfo.InvariantCulture);
}
