using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Infrastructure;

/// <summary>
/// Aborts the connections that are still open <see cref="ServerOptions.DrainTimeout"/> after a stop began. Their calls are then settled and
/// written to the ledger before the host's own timeout, which ends everything at once.
/// </summary>
internal sealed class ConnectionDrain : IDisposable
{
    private readonly CancellationTokenSource _expired = new();

    public ConnectionDrain(IHostApplicationLifetime lifetime, IOptions<ServerOptions> options) =>
        lifetime.ApplicationStopping.Register(() => _expired.CancelAfter(options.Value.DrainTimeout));

    /// <summary>Runs a connection until it ends or is aborted.</summary>
    public async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        using var registration = _expired.Token.UnsafeRegister(static connection => ((ConnectionContext)connection!).Abort(), connection);
        await next(connection);
    }

    public void Dispose() => _expired.Dispose();
}
