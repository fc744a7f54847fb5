using System.Buffers;
using System.Text.RegularExpressions;
using AiPipe.Proxy.Providers;

namespace AiPipe.Proxy.Routing;

internal static partial class RoutePath
{
    private const int MaxLength = 1000;

    /// <summary>First segments of AiPipe's own paths and pages, which routes cannot use.</summary>
    private static readonly string[] Ours = [.. ProviderConfiguration.Taken, "aipipe.js", "auth", "logout"];

    private static readonly SearchValues<char> Unusable = SearchValues.Create(" ?#%\\\"<>^`{|}:");

    public static bool IsId(string id) => Id().IsMatch(id);

    public static string? WrongWith(string path)
    {
        if (path.Length > MaxLength || !path.StartsWith('/')) return $"must begin with a slash and have at most {MaxLength} characters";
        if (path.AsSpan(0, path.Length - 1).Contains('*')) return "may have a * at its end only, for all paths that begin so";
        if (path.AsSpan().ContainsAny(Unusable)
            || path.Any(letter => char.IsControl(letter) || char.IsSurrogate(letter))) return "has a letter that no path has as it is";
        var segments = path.TrimEnd('*').Split('/');
        if (segments[1].Length == 0) return "must have a name after its first slash, such as /chat";
        if (segments.Any(segment => segment is "." or "..")) return "must not have segments of dots";
        return Ours.Contains(segments[1], StringComparer.OrdinalIgnoreCase)
            ? $"lies at /{segments[1]}, which AiPipe itself uses: choose another path" : null;
    }

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,64}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex Id();
}
