using AiPipe.Proxy.Calls;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Routing;
using AiPipe.Proxy.Upstream.Routes;

namespace AiPipe.Proxy.Upstream;

/// <summary>Reads the body of a metered call once into a buffer and parses it. Bodies of unmetered calls are streamed.</summary>
internal sealed class CallBodyReader(BodyBuffers buffers)
{
    /// <summary>Part of the third stage of the pipeline: sets <see cref="CallContext.Body"/>.</summary>
    public async ValueTask<Refusal?> ReadAsync(CallContext call)
    {
        if (!call.Endpoint.IsMetered) return null;
        if (call.Routed is { Plan.Body: { } read } again) return Read(call, again, read);
        var request = call.Http.Request;
        if (!request.HasJsonContentType()) return Refusal.JsonExpected();
        var (bytes, refusal) = await buffers.ReadAsync(call.Http, call.Caller);
        if (refusal is not null) return refusal;
        return call.Routed is { } routed ? Read(call, routed, bytes) : Read(call, bytes);
    }

    private static Refusal? Read(CallContext call, ReadOnlyMemory<byte> bytes)
    {
        var refusal = call.Endpoint.Api!.ReadBody(bytes, call.Endpoint, call.Provider.Name, out var body);
        if (body is not null) call.Body = body;
        return refusal;
    }

    /// <summary>Creates the target's body: rewritten for a route; for an alias, only the model's name changes.</summary>
    private static Refusal? Read(CallContext call, RoutedCall routed, ReadOnlyMemory<byte> asked)
    {
        routed.Plan.Body = asked;
        if (routed.Route.IsAlias)
        {
            var refusal = Read(call, asked);
            call.Body = call.Body with { Model = routed.Target.Model };
            return refusal;
        }
        return RouteBody.Write(asked, routed.Target, call.Provider, out var written) ?? Read(call, written);
    }
}
