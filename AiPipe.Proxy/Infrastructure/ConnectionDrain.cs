using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Infrastructure;

/// <summary>Aborts open connections <see cref="ServerOptions.DrainTimeout"/> after a stop, so that their calls are recorded.</summary>
internal sealed class ConnectionDrain : IDisposable
{
    private readonly CancellationTokenSource _expired = new();

    public ConnectionDrain(IHostApplicationLifetime lifetime, IOptions<ServerOptions> options) =>
        lifetime.ApplicationStopping.Register(() => _expired.CancelAfter(options.Value.DrainTimeout));

    public async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        using var registration = _expired.Token.UnsafeRegister(static connection => ((ConnectionContext)connection!).Abort(), connection);
        await next(connection);
    }

    public void Dispose() => _expired.Dispose();
}
