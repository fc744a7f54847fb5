using AiPipe.Proxy.Upstream.Unfinished;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Upstream.Routes;

namespace AiPipe.Proxy.Upstream;

internal static class UpstreamSetup
{
    /// <summary>How much of a body over the limit is read before the connection closes, so that the client can read the error.</summary>
    private const long DrainedBytes = 64 << 20;

    /// <summary>
    /// Waits at a shutdown for responses whose callers have left. Added after the ledger and the replica, which must stop later.
    /// </summary>
    public static IHostApplicationBuilder AddUnfinishedCalls(this IHostApplicationBuilder builder)
    {
        builder.Services.AddHostedService(static services => services.GetRequiredService<UnfinishedCalls>());
        return builder;
    }

    public static IHostApplicationBuilder AddUpstream(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSection<ForwardingOptions>("AiPipe:Forwarding");
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IOptions<ForwardingOptions>>(static (kestrel, forwarding) =>
            kestrel.Limits.MaxRequestBodySize = forwarding.Value.MaxBodyBytes + DrainedBytes);
        builder.Services.AddHttpForwarder()
            .AddSingleton<UpstreamClients>().AddSingleton<RouteConnections>().AddSingleton<RoutePassthrough>()
                .AddSingleton<BodyMemory>().AddSingleton<BodyBuffers>().AddSingleton<CallBodyReader>().AddSingleton<UpstreamInvoker>()
            .AddSingleton<UnfinishedCalls>();
        return builder;
    }
}
