using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Calls;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Providers;
using AiPipe.Proxy.Routing;

namespace AiPipe.Proxy.Pipeline;

/// <summary>
/// The entry of the pipeline, for requests that no other endpoint matches: the operator's routes, <c>/{provider}/{**path}</c> and
/// <c>/v1/{**path}</c>; 404 for all others.
/// </summary>
internal static class PipelineEndpoint
{
    private const string Pattern = "/{provider}/{**path}";

    public static IEndpointRouteBuilder MapPipeline(this IEndpointRouteBuilder routes)
    {
        routes.ServiceProvider.GetRequiredService<UnmatchedRequests>().MapOthers(Pattern, RunAsync);
        return routes;
    }

    private static Task RunAsync(HttpContext http)
    {
        var (services, path) = (http.RequestServices, http.Request.Path.Value ?? "");
        var first = UnmatchedRequests.FirstSegment(http.Request.Path).ToString();
        if (first.Length == 0) return RefusalWriter.WriteAsync(http, Refusal.NotFound(path));
        if (services.GetRequiredService<RouteTable>().TryFind(http.Request.Method, path, out var route))
            return services.GetRequiredService<RoutePipeline>().RunAsync(http, route);
        var providers = services.GetRequiredService<ProviderCatalog>();
        var (found, refusal) = Destination.FromRequest(http.Request, http.Request.Path, first, providers);
        if (found is not { } destination)
        {
            if (NamesNoProvider(first, path)) refusal = Refusal.NotFound(path);
            return RefuseAsync(http, refusal!, services.GetRequiredService<CallerAuthentication>());
        }
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        return services.GetRequiredService<CallPipeline>().RunAsync(new CallContext(http, destination.Provider, destination.Path.Path, now)
        {
            ApiVersion = destination.Path.Version,
        });
    }

    /// <summary>True for AiPipe's own areas, files at the root (<c>/sitemap.xml</c>) and <c>/.well-known</c>.</summary>
    private static bool NamesNoProvider(string first, string path) =>
        first != Destination.Version
            && (ProviderConfiguration.IsTaken(first) || first[0] == '.' || (first.Contains('.') && path.Length == first.Length + 1));

    private static async Task RefuseAsync(HttpContext http, Refusal refusal, CallerAuthentication callers)
    {
        // Only authenticated callers may learn which hosts are configured.
        if (http.Request.Headers.ContainsKey(Destination.HostHeader))
            refusal = (await callers.IdentifyAsync(http.Request)).Refusal ?? refusal;
        await RefusalWriter.WriteAsync(http, refusal);
    }
}
