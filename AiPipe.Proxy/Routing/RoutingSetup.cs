using AiPipe.Proxy.Providers;

namespace AiPipe.Proxy.Routing;

internal static class RoutingSetup
{
    public static IHostApplicationBuilder AddRouting(this IHostApplicationBuilder builder, IReadOnlyList<Provider> providers)
    {
        // Read now, so that an invalid entry fails the start instead of the first call.
        builder.Services.AddSingleton(RouteIndex.Create(RouteReader.Read(builder.Configuration, providers)))
            .AddSingleton<RouteTable>().AddSingleton<FallbackRouter>();
        return builder;
    }
}
