namespace AiPipe.Portal.Pages.Login;

/// <summary>The origin of a web app in the syntax of the <c>form-action</c> policy.</summary>
internal static class FormTarget
{
    /// <summary><c>null</c> when the address cannot be a web app's. The gateway decides whether a person may be sent there.</summary>
    /// <remarks>
    /// Policies know no IPv6 addresses (https://www.w3.org/TR/CSP3/#match-hosts), so <c>http://[::1]:5500</c> is matched by scheme and port
    /// only. The gateway redirects to no other IPv6 address.
    /// </remarks>
    public static string? FromAddress(string? address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var target) || target.Scheme is not ("http" or "https")) return null;
        return Uri.CheckHostName(target.IdnHost) switch
        {
            UriHostNameType.Dns or UriHostNameType.IPv4 => $"{target.Scheme}://{target.IdnHost}:{target.Port}",
            UriHostNameType.IPv6 when target.IsLoopback => $"{target.Scheme}://*:{target.Port}",
            _ => null,
        };
    }
}
