using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Upstream.Routes;

namespace AiPipe.Proxy.Upstream;

internal static class ForwardingSetup
{
    public static IHostApplicationBuilder AddForwarding(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSection<ForwardingOptions>("AiPipe:Forwarding");
        builder.Services.AddHttpForwarder()
            .AddSingleton<UpstreamClients>().AddSingleton<RouteConnections>().AddSingleton<RoutePassthrough>().AddSingleton<CallBodyReader>().AddSingleton<UpstreamInvoker>();
        return builder;
    }
}
