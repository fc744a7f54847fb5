using System.Globalization;
using System.Text.RegularExpressions;

namespace AiPipe.Tests.Telemetry;

/// <summary>Reads the text of <c>GET /metrics</c>.</summary>
internal static class PrometheusText
{
    private static readonly TimeSpan MatchTimeout = TimeSpan.FromSeconds(10);

    /// <summary>The sum of the samples whose line begins with a pattern.</summary>
    public static double Value(string text, string pattern) => Lines(text, pattern).Sum(static line =>
    {
        var sample = line[(line.LastIndexOf('}') + 1)..].Trim();
        return double.Parse(sample.Split(' ')[0], CultureInfo.InvariantCulture);
    });

    /// <summary>The samples whose line begins with a pattern.</summary>
    public static IEnumerable<string> Lines(string text, string pattern) =>
        text.Split('\n').Where(line => Regex.IsMatch(line, "^" + pattern, RegexOptions.None, MatchTimeout));
}
