using System.Net;

namespace AiPipe.Proxy.Infrastructure;

/// <summary>Section <c>AiPipe:Server</c>: what stands before this server, and how it stops.</summary>
internal sealed class ServerOptions
{
    public const string Section = "AiPipe:Server";

    /// <summary>
    /// Reverse proxies on other machines whose <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> are believed: addresses
    /// (<c>10.0.0.7</c>) or networks (<c>10.0.0.0/8</c>). Those on this machine always are.
    /// </summary>
    public IList<string> KnownProxies { get; set; } = [];

    /// <summary>
    /// How long calls in flight may go on after a stop began. Then they are ended and charged for what was counted. Keep it below the time
    /// after which the platform kills the process.
    /// </summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>An address is the network of itself alone.</summary>
    public static bool TryReadProxy(string text, out IPNetwork network)
    {
        if (IPNetwork.TryParse(text, out network)) return true;
        if (!IPAddress.TryParse(text, out var address)) return false;
        network = new IPNetwork(address, address.GetAddressBytes().Length * 8);
        return true;
    }
}
