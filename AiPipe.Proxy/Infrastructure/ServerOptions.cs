using System.Net;

namespace AiPipe.Proxy.Infrastructure;

/// <summary>Section <c>AiPipe:Server</c>: trusted reverse proxies and the shutdown.</summary>
internal sealed class ServerOptions
{
    public const string Section = "AiPipe:Server";

    /// <summary>Trusted reverse proxies on other machines: addresses (<c>10.0.0.7</c>) or networks (<c>10.0.0.0/8</c>).</summary>
    public IList<string> KnownProxies { get; set; } = [];

    /// <summary>How long running calls may continue after a stop. Must be shorter than the platform's kill timeout.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(25);

    public static bool TryReadProxy(string text, out IPNetwork network)
    {
        if (IPNetwork.TryParse(text, out network)) return true;
        if (!IPAddress.TryParse(text, out var address)) return false;
        network = new IPNetwork(address, address.GetAddressBytes().Length * 8);
        return true;
    }
}
