using System.Globalization;

namespace AiPipe.Proxy.Accounts.Apps;

/// <summary>A web origin in the spelling that browsers send, but without their repairs (https://url.spec.whatwg.org/).</summary>
/// <param name="IsLocal">The person's own machine.</param>
internal sealed record WebOrigin(string Text, bool IsSecure, bool IsLocal)
{
    private const string Https = "https://";
    private const string Http = "http://";

    /// <summary>Parses the beginning of an address such as <c>HTTPS://App.Example:443/page?x#y</c>.</summary>
    /// <param name="rest">What follows the origin: <c>/page?x#y</c>.</param>
    public static WebOrigin? Read(string address, out string rest, out string problem)
    {
        (rest, problem) = ("", "");
        var isSecure = address.StartsWith(Https, StringComparison.OrdinalIgnoreCase);
        if (!isSecure && !address.StartsWith(Http, StringComparison.OrdinalIgnoreCase))
        {
            problem = "it must begin with https://";
            return null;
        }
        var begin = isSecure ? Https.Length : Http.Length;
        var end = address.AsSpan(begin).IndexOfAny('/', '?', '#') is >= 0 and var length ? begin + length : address.Length;
        var authority = address[begin..end];
        if (authority.Contains('@', StringComparison.Ordinal))
        {
            problem = "it must not hold a user name";
            return null;
        }
        var colon = authority.IndexOf(':', authority.StartsWith('[') ? Math.Max(0, authority.IndexOf(']', StringComparison.Ordinal)) : 0);
        var host = HostName.Normalize(colon < 0 ? authority : authority[..colon]);
        var port = colon < 0 ? PortOf(isSecure) : ReadPort(authority.AsSpan(colon + 1));
        if (host is null || port == 0)
        {
            problem = host is null ? "the host name cannot be displayed unambiguously" : "the port is invalid";
            return null;
        }
        rest = address[end..];
        var suffix = port == PortOf(isSecure) ? "" : string.Create(CultureInfo.InvariantCulture, $":{port}");
        return new WebOrigin((isSecure ? Https : Http) + host + suffix, isSecure, host is "localhost" or "127.0.0.1" or "[::1]");
    }

    private static int PortOf(bool isSecure) => isSecure ? 443 : 80;

    private static int ReadPort(ReadOnlySpan<char> text) =>
        text.Length <= 5 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= ushort.MaxValue
            ? port : 0;
}
