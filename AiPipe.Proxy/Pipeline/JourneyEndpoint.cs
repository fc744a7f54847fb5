using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Calls;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Providers;
using AiPipe.Proxy.Routing;

namespace AiPipe.Proxy.Pipeline;

/// <summary>Where the journey begins: the operator's routes, <c>/{provider}/{**path}</c> and <c>/v1/{**path}</c>, and 404 for what is none of them.</summary>
internal static class JourneyEndpoint
{
    public static IEndpointRouteBuilder MapJourney(this IEndpointRouteBuilder routes)
    {
        routes.Map("/{provider}/{**path}", RunAsync);
        routes.MapFallback(static (HttpContext http) =>
            RefusalWriter.WriteAsync(http, Refusal.UnknownProvider(http.Request.Path.Value?.Trim('/') ?? "")));
        return routes;
    }

    private static Task RunAsync(
        HttpContext http, string provider, ProviderCatalog providers, RouteBook routes, CallerAuthentication callers, RouteJourney routed, RequestJourney journey,
        TimeProvider time)
    {
        if (routes.TryFind(http.Request.Method, http.Request.Path.Value ?? "", out var route)) return routed.RunAsync(http, route);
        var (found, refusal) = Destination.Of(http.Request, provider, providers);
        if (found is { } destination) return journey.RunAsync(new GatewayCall(http, destination.Provider, destination.Path, time.GetUtcNow()));
        return RefuseAsync(http, refusal!, callers);
    }

    private static async Task RefuseAsync(HttpContext http, Refusal refusal, CallerAuthentication callers)
    {
        // Which hosts were added is told to signed-in callers only.
        if (http.Request.Headers.ContainsKey(Destination.HostHeader))
            refusal = (await callers.IdentifyAsync(http.Request)).Refusal ?? refusal;
        await RefusalWriter.WriteAsync(http, refusal);
    }
}
