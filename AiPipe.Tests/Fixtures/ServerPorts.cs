using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace AiPipe.Tests.Fixtures;

/// <summary>Ports for servers that stop and start again at the same address.</summary>
internal static class ServerPorts
{
    /// <summary>
    /// Below the ports that the system gives to outgoing connections: while a server is stopped, nobody is given its port.
    /// </summary>
    private const int First = 20_000;
    private const int Count = 12_000;

    // Two runs on one machine rarely begin at the same place.
    private static int _taken = RandomNumberGenerator.GetInt32(Count);

    /// <summary>One where nobody listens, and which nobody else of this run is given.</summary>
    public static int Take()
    {
        while (true)
        {
            var port = First + Interlocked.Increment(ref _taken) % Count;
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody else's; the next one, then.
            }
        }
    }
}
