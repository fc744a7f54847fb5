using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace AiPipe.Proxy.Compatibility.OriginalAiPipe.Fetch;

/// <summary>Private hosts that the operator allows, by name: an attacker's host name could resolve to an address.</summary>
internal sealed class AllowedHosts(IEnumerable<string> entries)
{
    private readonly HashSet<DnsEndPoint> _places = [.. entries.Select(entry => Parse(entry) ?? throw new FormatException(entry))];

    /// <summary>True if a connection may be to a private address.</summary>
    public bool Contains(DnsEndPoint place) => _places.Contains(new DnsEndPoint(place.Host, place.Port));

    public static bool IsUsable([NotNullWhen(true)] string? entry) => entry is not null && Parse(entry) is not null;

    /// <summary><c>host:port</c> in the spelling of connections: lower case, punycode, IPv6 without brackets.</summary>
    private static DnsEndPoint? Parse(string entry)
    {
        if (!Uri.TryCreate("http://" + entry, UriKind.Absolute, out var url) || url.PathAndQuery != "/"
            || url.UserInfo.Length > 0) return null;
        return entry.EndsWith(string.Create(CultureInfo.InvariantCulture, $":{url.Port}"), StringComparison.Ordinal)
            ? new DnsEndPoint(url.IdnHost, url.Port)
            : null;
    }
}
