using System.Buffers;
using System.Net;

namespace AiPipe.Proxy.Accounts.Apps;

/// <summary>
/// The canonical spelling of a host: lower-case ASCII. International names are accepted as <c>xn--…</c> only, as browsers send them:
/// look-alikes stay visible, and no Unicode tables are involved.
/// </summary>
internal static class HostName
{
    private const int MaxLength = 253;
    private const int MaxLabelLength = 63;

    private static readonly SearchValues<char> Letters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary><c>null</c> for text that is not a host, or that browsers would read as another one.</summary>
    public static string? Normalize(string text)
    {
        if (text == "[::1]") return text;
        var host = text.ToLowerInvariant();
        if (host.Length is 0 or > MaxLength) return null;
        var labels = host.Split('.');
        if (!Array.TrueForAll(labels, IsLabel)) return null;
        // Browsers read 2130706433, 0x7f.1 and 127.1 as addresses; only the usual spelling is accepted.
        return !IsNumber(labels[^1]) || (IPAddress.TryParse(host, out var address) && address.ToString() == host) ? host : null;
    }

    private static bool IsLabel(string label) => label.Length is > 0 and <= MaxLabelLength && !label.AsSpan().ContainsAnyExcept(Letters);

    private static bool IsNumber(string label) =>
        label.StartsWith("0x", StringComparison.Ordinal) || !label.AsSpan().ContainsAnyExceptInRange('0', '9');
}
