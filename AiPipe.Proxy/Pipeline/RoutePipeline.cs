using AiPipe.Proxy.Routing;
using AiPipe.Proxy.Upstream.Routes;

namespace AiPipe.Proxy.Pipeline;

/// <summary>
/// A request to a route of the operator's: it goes on the same journey as every other, with provider, model and options already decided.
/// </summary>
internal sealed class RoutePipeline(CallPipeline journey, FallbackRouter attempts, RoutePassthrough passthrough)
{
    private const string Path = "/v1/chat/completions";

    public Task RunAsync(HttpContext http, ModelRoute route)
    {
        var call = attempts.First(http, route, Path);
        return route.Upstream is { } upstream ? passthrough.RunAsync(http, upstream, () => journey.RunAsync(call)) : journey.RunAsync(call);
    }
}
