using AiPipe.Proxy.Journey.Backends;
using AiPipe.Proxy.Journey.Backends.Routes;
using AiPipe.Proxy.Journey.Forwarding;

namespace AiPipe.Proxy.Journey;

/// <summary>
/// A request to a route of the operator's: it goes on the same journey as every other, with provider, model and options already decided.
/// </summary>
internal sealed class RouteJourney(RequestJourney journey, RoutePassthrough passthrough, ProviderCatalog providers, TimeProvider time)
{
    private const string Path = "/v1/chat/completions";

    public Task RunAsync(HttpContext http, ModelRoute route)
    {
        var target = route.Targets[0];
        if (!providers.TryFind(target.Provider, out var provider))
            return RefusalWriter.WriteAsync(http, Refusal.ProviderNotConfigured(target.Provider, "The administrator gives the route another one."));
        var call = new GatewayCall(http, At(target.Endpoint, provider), Path, time.GetUtcNow()) { Routed = new RoutedCall(route, target) };
        return route.Upstream is { } upstream ? passthrough.RunAsync(http, upstream, () => journey.RunAsync(call)) : journey.RunAsync(call);
    }

    /// <summary>The provider at the target's own address: there it is somebody else, whom our keys are none of the business of.</summary>
    private static Provider At(Uri? endpoint, Provider provider) => endpoint is null
        ? provider with { TakesOwnKeys = false }
        : provider with { BaseUrl = endpoint, Credentials = [], TakesOwnKeys = false, ReportsCost = false, IsBuiltIn = false };
}
