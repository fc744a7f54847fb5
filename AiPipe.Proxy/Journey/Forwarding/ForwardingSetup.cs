using AiPipe.Proxy.Edge;

namespace AiPipe.Proxy.Journey.Forwarding;

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
