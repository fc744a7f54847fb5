using AiPipe.Proxy.Journey.Backends;

namespace AiPipe.Proxy.Journey;

/// <summary>Where the journey begins: <c>/{provider}/{**path}</c> for every provider, and 404 for what is none.</summary>
internal static class JourneyEndpoint
{
    public static IEndpointRouteBuilder MapJourney(this IEndpointRouteBuilder routes)
    {
        routes.Map("/{provider}/{**path}", RunAsync);
        routes.MapFallback(static (HttpContext http) =>
            RefusalWriter.WriteAsync(http, Refusal.UnknownProvider(http.Request.Path.Value?.Trim('/') ?? "")));
        return routes;
    }

    private static Task RunAsync(HttpContext http, string provider, ProviderCatalog providers, RequestJourney journey, TimeProvider time)
    {
        if (!providers.TryFind(provider, out var found))
            return RefusalWriter.WriteAsync(http, Refusal.UnknownProvider(provider));
        http.Request.Path.StartsWithSegments("/" + provider, out var path);
        return journey.RunAsync(new GatewayCall(http, found, path.Value ?? "", time.GetUtcNow()));
    }
}
