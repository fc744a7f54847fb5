using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Compatibility.OriginalAiPipe.Fetch;

/// <summary>
/// Makes connections to public addresses only. The address checked is the one connected to, so neither a redirect nor a name that
/// resolves differently the second time gets around it.
/// </summary>
internal sealed class PublicConnector(IOptions<FetchOptions> options)
{
    private readonly AllowedHosts _allowed = new(options.Value.AllowedHosts);

    /// <summary>The callback of <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    /// <exception cref="AddressNotPublicException">No address of the host is public: the handler's callback has no other way to say no.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var isAllowed = _allowed.Contains(context.DnsEndPoint);
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(host, cancellationToken);
        if (!isAllowed) addresses = Array.FindAll(addresses, PublicAddress.Is);
        if (addresses.Length == 0) throw new AddressNotPublicException();

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, port, cancellationToken);
            if (!isAllowed && IsThisMachine(socket)) throw new AddressNotPublicException();
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A machine that talks to an address of its own does so from that same address; it may have a public one.</summary>
    private static bool IsThisMachine(Socket socket) =>
        socket is { LocalEndPoint: IPEndPoint local, RemoteEndPoint: IPEndPoint remote } && local.Address.Equals(remote.Address);
}

/// <summary>The host has no address on the public internet.</summary>
internal sealed class AddressNotPublicException() : IOException("Not a public address.");
