using System.Text;
using AiPipe.Proxy.Upstream;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Infrastructure;

/// <summary>The clock, and Kestrel's own limits.</summary>
internal static class ServerSetup
{
    /// <summary>
    /// How much more than the largest body may arrive before the connection is cut: a caller who is still sending must get to read
    /// that it is too much.
    /// </summary>
    private const long DrainedBytes = 64 << 20;

    public static WebApplicationBuilder AddServer(this WebApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.Configure<SocketTransportOptions>(static sockets => sockets.UnsafePreferInlineScheduling = InlineSockets.AreChosen);
        builder.Services.AddSingleton<ConnectionDrain>();
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IOptions<ForwardingOptions>, ConnectionDrain>(static (kestrel, forwarding, drain) =>
        {
            kestrel.ConfigureEndpointDefaults(listen => listen.Use(next => connection => drain.RunAsync(connection, next)));
            kestrel.AddServerHeader = false;
            // Without it, one letter beyond ASCII in a provider's header loses an answer that has been paid for.
            kestrel.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1;
            kestrel.Limits.MaxRequestBodySize = forwarding.Value.MaxBodyBytes + DrainedBytes;
        });
        return builder;
    }
}
