using System.Net;
using System.Net.Sockets;

namespace AiPipe.Bench.Upstream;

/// <summary>
/// A provider that costs as little as it can, so that the proxy before it is what is measured: plain sockets, answers made beforehand.
/// It answers chat completions at once, below <c>/50ms</c> after 50 ms, with <c>"stream":true</c> in 50 events 20 ms apart (below
/// <c>/50ms</c> with usage in every event), and says at <c>/record</c> what it served.
/// </summary>
internal static class UpstreamServer
{
    /// <summary>Serves on loopback until the process is ended.</summary>
    public static async Task RunAsync(int port)
    {
        var record = new UpstreamRecord();
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen(1024);
        while (true)
        {
            var socket = await listener.AcceptAsync();
            socket.NoDelay = true;
            _ = new UpstreamConnection(socket, record).RunAsync();
        }
    }
}
