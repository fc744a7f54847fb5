using AiPipe.Proxy.Providers;

namespace AiPipe.Proxy.Routing;

internal static class RoutingSetup
{
    public static IHostApplicationBuilder AddRouting(this IHostApplicationBuilder builder, IReadOnlyList<Provider> providers)
    {
        // Read now, so that an invalid entry fails the start instead of the first call.
        builder.Services.AddSingleton<FallbackRouter>().AddSingleton(new RouteTable(RouteReader.Read(builder.Configuration, providers)));
        return builder;
    }
}
