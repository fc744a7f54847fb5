namespace AiPipe.Portal.Pages.Login;

/// <summary>The web app's origin that a form leads to in the end, as a policy of the browser's names it.</summary>
internal static class FormTarget
{
    /// <summary><c>null</c> for what is no address of a web app: whether people may be sent there is the gateway's word.</summary>
    /// <remarks>
    /// Policies know no IPv6 addresses (https://www.w3.org/TR/CSP3/#match-hosts), so of <c>http://[::1]:5500</c> only scheme and port
    /// are held to. Gateways send people to no other one.
    /// </remarks>
    public static string? FromAddress(string? address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var goal) || goal.Scheme is not ("http" or "https")) return null;
        return Uri.CheckHostName(goal.IdnHost) switch
        {
            UriHostNameType.Dns or UriHostNameType.IPv4 => $"{goal.Scheme}://{goal.IdnHost}:{goal.Port}",
            UriHostNameType.IPv6 when goal.IsLoopback => $"{goal.Scheme}://*:{goal.Port}",
            _ => null,
        };
    }
}
