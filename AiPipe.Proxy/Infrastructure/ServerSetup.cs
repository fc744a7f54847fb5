using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AiPipe.Proxy.Infrastructure;

internal static class ServerSetup
{
    public static WebApplicationBuilder AddServer(this WebApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.ConfigureHttpJsonOptions(static options => ContractJson.Configure(options.SerializerOptions));
        builder.Services.Configure<SocketTransportOptions>(
            static sockets => sockets.UnsafePreferInlineScheduling = InlineSockets.AreChosen);
        builder.Services.AddSingleton<ConnectionDrain>();
        builder.Services.AddOptions<KestrelServerOptions>().Configure<ConnectionDrain>(static (kestrel, drain) =>
        {
            kestrel.ConfigureEndpointDefaults(listen => listen.Use(next => connection => drain.RunAsync(connection, next)));
            kestrel.AddServerHeader = false;
            // Without it, one non-ASCII character in a provider's header would lose a response that is already paid for.
            kestrel.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1;
        });
        return builder;
    }
}
