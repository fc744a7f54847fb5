using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AiPipe.Proxy.Infrastructure;

/// <summary>The clock, the form of JSON responses, and Kestrel's own limits.</summary>
internal static class ServerSetup
{
    public static WebApplicationBuilder AddServer(this WebApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.ConfigureHttpJsonOptions(static options => ContractJson.Configure(options.SerializerOptions));
        builder.Services.Configure<SocketTransportOptions>(static sockets => sockets.UnsafePreferInlineScheduling = InlineSockets.AreChosen);
        builder.Services.AddSingleton<ConnectionDrain>();
        builder.Services.AddOptions<KestrelServerOptions>().Configure<ConnectionDrain>(static (kestrel, drain) =>
        {
            kestrel.ConfigureEndpointDefaults(listen => listen.Use(next => connection => drain.RunAsync(connection, next)));
            kestrel.AddServerHeader = false;
            // Without it, one letter beyond ASCII in a provider's header loses an answer that has been paid for.
            kestrel.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1;
        });
        return builder;
    }
}
