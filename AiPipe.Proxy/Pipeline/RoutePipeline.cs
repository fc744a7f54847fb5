using AiPipe.Proxy.Routing;
using AiPipe.Proxy.Upstream.Routes;

namespace AiPipe.Proxy.Pipeline;

/// <summary>Runs a request to an operator's route: provider, model and options are set before the pipeline starts.</summary>
internal sealed class RoutePipeline(CallPipeline pipeline, RoutePassthrough passthrough)
{
    private const string Path = "/v1/chat/completions";

    public Task RunAsync(HttpContext http, ModelRoute route)
    {
        var call = pipeline.Begin(http, route, Path);
        return route.Upstream is { } upstream
            ? passthrough.RunAsync(http, upstream, () => pipeline.RunAsync(call)) : pipeline.RunAsync(call);
    }
}
