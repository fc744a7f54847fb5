using System.Text.RegularExpressions;
using AiPipe.Proxy.Infrastructure;

namespace AiPipe.Proxy.Routing;

/// <summary>Reads a target's address and the credentials that replace our key.</summary>
internal static partial class RouteAccess
{
    private const int MaxPairs = 50;
    private const int MaxLength = 8000;

    /// <summary>Headers that describe the message framing.</summary>
    private static readonly string[] Framing =
        ["Host", "Content-Length", "Content-Type", "Content-Encoding", "Transfer-Encoding", "Connection", "Keep-Alive", "TE", "Trailer",
            "Upgrade", "Expect", "Accept-Encoding", "Proxy-Connection"];

    /// <summary>Parses an address. Returns its query separately, because it may be a key (<c>?code=</c> of Azure Functions).</summary>
    public static (Uri? Endpoint, string Query) Endpoint(IConfigurationSection setting)
    {
        if (setting.Value is not { Length: > 0 } text)
            return setting.GetChildren().Any() ? throw setting.Wrong("must be an http(s) address") : (null, "");
        return text.Length <= MaxLength && Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            && url.UserInfo.Length == 0 && url.Fragment.Length == 0 && url.Host.Length > 0 && !text.Any(char.IsControl)
            ? (new Uri(url.GetLeftPart(UriPartial.Path), UriKind.Absolute), url.Query.TrimStart('?'))
            : throw setting.Wrong("must be an http(s) address without a user name, such as https://llm.example.com/v1/chat/completions");
    }

    public static IReadOnlyList<KeyValuePair<string, string>> Pairs(IConfigurationSection group, bool areHeaders)
    {
        if (group.Value is { Length: > 0 }) throw group.Wrong("must be a group of texts by name");
        var children = group.GetChildren().ToList();
        if (children.Count > MaxPairs) throw group.Wrong($"has more than {MaxPairs} names");
        return children.ConvertAll(child => Pair(child, areHeaders));
    }

    private static KeyValuePair<string, string> Pair(IConfigurationSection child, bool isHeader)
    {
        if (!Name().IsMatch(child.Key)) throw child.Wrong(
            "has a name that cannot be sent: use letters, digits, dots, dashes and underscores");
        if (isHeader && Framing.Contains(child.Key, StringComparer.OrdinalIgnoreCase)) throw child.Wrong(
            "says how a message is sent, which is not a route's to say: leave it out");
        if (child.Value is not { Length: > 0 and <= MaxLength } value || value.Any(char.IsControl))
            throw child.Wrong($"must be a text of 1 to {MaxLength} characters, in one line");
        return KeyValuePair.Create(child.Key, value);
    }

    [GeneratedRegex(@"^[a-zA-Z0-9._-]{1,200}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex Name();
}
