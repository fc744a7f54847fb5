using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Compatibility.OriginalAiPipe.Fetch;

/// <summary>Connects to public addresses only. It connects to the checked address, so DNS cannot bypass the check.</summary>
internal sealed class PublicConnector(IOptions<FetchOptions> options)
{
    private readonly AllowedHosts _allowed = new(options.Value.AllowedHosts);

    /// <exception cref="AddressNotPublicException">No address of the host is public.</exception>
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

    /// <summary>A machine connects to its own address from that same address; it may be a public one.</summary>
    private static bool IsThisMachine(Socket socket) =>
        socket is { LocalEndPoint: IPEndPoint local, RemoteEndPoint: IPEndPoint remote } && local.Address.Equals(remote.Address);
}

internal sealed class AddressNotPublicException() : IOException("Not a public address.");
