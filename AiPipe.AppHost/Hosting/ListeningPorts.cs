using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace AiPipe.AppHost.Hosting;

/// <summary>Checks before the start that the proxy's and the dashboard's ports are free, because the orchestrator does not.</summary>
internal static class ListeningPorts
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>Checks the proxy's ports and the dashboard's addresses.</summary>
    /// <param name="ports">The proxy's ports.</param>
    /// <param name="dashboard">The setting and the address of each endpoint of the dashboard.</param>
    /// <param name="timeout">How long to wait for a port that an earlier run still uses.</param>
    /// <exception cref="CannotStartException">A port is in use, or this user may not listen on it.</exception>
    public static async Task CheckAsync(
        IEnumerable<int> ports, IEnumerable<(string Setting, string? Address)> dashboard, TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        foreach (var port in ports) await CheckAsync(port, "Choose another one: --port 8788.", timeout, cancellationToken);
        foreach (var (setting, address) in dashboard)
        {
            foreach (var url in (address ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                if (Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Port > 0)
                    await CheckAsync(uri.Port, $"The dashboard needs it: set {setting} to another address.", timeout, cancellationToken);
            }
        }
    }

    private static async Task CheckAsync(int port, string remedy, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        while (FindError(port) is { } error)
        {
            if (error == SocketError.AccessDenied) throw new CannotStartException($"This user may not listen on port {port}. {remedy}");
            if (Stopwatch.GetElapsedTime(begun) > timeout)
                throw new CannotStartException($"Port {port} is in use by another program. {remedy}");
            await Task.Delay(Pause, cancellationToken);
        }
    }

    // The orchestrator listens on the IPv4 and the IPv6 address of localhost.
    private static SocketError? FindError(int port) => FindError(IPAddress.Loopback, port) ?? FindError(IPAddress.IPv6Loopback, port);

    private static SocketError? FindError(IPAddress address, int port)
    {
        try
        {
            using var listener = new TcpListener(address, port);
            listener.Start();
            return null;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressFamilyNotSupported or SocketError.AddressNotAvailable)
        {
            // This machine has no IPv6.
            return null;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode;
        }
    }
}
