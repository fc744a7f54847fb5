using AiPipe.Proxy.Providers;

namespace AiPipe.Proxy.Routing;

/// <summary>Registers the operator's routes and aliases.</summary>
internal static class RoutingSetup
{
    public static IHostApplicationBuilder AddRouting(this IHostApplicationBuilder builder)
    {
        // Read now, so that a wrong entry stops the start and not the first call.
        builder.Services.AddSingleton(new RouteTable(RouteReader.Read(builder.Configuration, ProviderConfiguration.Read(builder.Configuration))));
        return builder;
    }
}
