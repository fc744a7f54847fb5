using AiPipe.Proxy.Journey.Forwarding;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Edge;

/// <summary>Kestrel's own limits, so that what is too large is refused before it is read.</summary>
internal static class ServerSetup
{
    public static WebApplicationBuilder AddServer(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IOptions<ForwardingOptions>>(static (kestrel, forwarding) =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = forwarding.Value.MaxBodyBytes;
        });
        return builder;
    }
}
