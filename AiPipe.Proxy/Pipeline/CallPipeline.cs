using AiPipe.Proxy.Callers.Access;
using AiPipe.Proxy.Calls;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.RateLimits;
using AiPipe.Proxy.Routing;
using AiPipe.Proxy.Upstream;
using AiPipe.Proxy.Upstream.Unfinished;

namespace AiPipe.Proxy.Pipeline;

/// <summary>Runs a call from authentication to settlement. Each stage fills its part of the context or returns a refusal.</summary>
internal sealed class CallPipeline(
    AuthenticationStage authentication,
    AccessGuard access,
    CallBodyReader bodies,
    PriceStage prices,
    ReferenceStage references,
    RateLimitStage rates,
    ReservationStage budgets,
    UpstreamInvoker upstream,
    UnfinishedCalls unfinished,
    RouteTable routes,
    FallbackRouter fallback,
    TimeProvider time)
{
    /// <summary>In bytes.</summary>
    private const int SmallBody = 16 << 10;

    /// <summary>The call of a request to a route, at the route's first target.</summary>
    public CallContext Begin(HttpContext http, ModelRoute route, string path) =>
        Create(http, fallback.Begin(http, route, body: null), path);

    /// <returns>The call whose response the caller received.</returns>
    public async Task<CallContext> RunAsync(CallContext call)
    {
        try
        {
            await AttemptAsync(call);
            while (await NextAsync(call) is { } next) await AttemptAsync(call = next);
        }
        finally
        {
            // A response that is read without its caller would keep it in memory.
            if (call.Routed is { } routed) routed.Plan.Body = null;
        }

        if (call.Refusal is not { } refusal || call.Http.Response.HasStarted) return call;
        ResponseHeaders.SetCallId(call);
        RateHeaders.Set(call.Http.Response.Headers, call.Rates);
        CostHeaders.Set(call, call.Http.Response);
        await RefusalWriter.WriteAsync(call.Http, refusal, call.Provider.Dialect.Errors);
        return call;
    }

    /// <summary>The checks that need no body: who calls, what, and whether the caller may call at all.</summary>
    public async ValueTask<Refusal?> CheckAsync(CallContext call) =>
        await authentication.AuthenticateAsync(call)
            ?? EndpointStage.Resolve(call)
            ?? access.RefuseEndpoint(call.Caller, call.Provider.Name, call.Method, call.Path)
            ?? await budgets.RefuseBlockedAsync(call)
            ?? (MayBeLarge(call.Http.Request) ? await rates.PeekAsync(call) : null);

    /// <summary>Small bodies are read at once, which is cheaper than to look at the rate limits twice.</summary>
    private static bool MayBeLarge(HttpRequest request) => request.ContentLength is not { } length || length > SmallBody;

    /// <summary>Reads and prices a call as an attempt does, without its rate limits and its reservation.</summary>
    /// <returns>The call, or that of its alias's first target; refused if <see cref="CallContext.Refusal"/> is set.</returns>
    public async ValueTask<CallContext> PrepareAsync(CallContext call)
    {
        call.Refusal = await ReadAsync(call);
        if (call.Alias is not null && await NextAsync(call) is { } target)
        {
            call = target;
            call.Refusal = await ReadAsync(call);
        }
        call.Refusal ??= await PriceAsync(call);
        return call;
    }

    /// <summary>Runs one call. Its reservation ends before the next attempt begins, unless its provider may still bill something.</summary>
    private async Task AttemptAsync(CallContext call)
    {
        call.Refusal = await ReadAsync(call);
        // The model is an alias: the call ends here, and continues as a call of the alias's first target.
        if (call.Alias is not null) return;
        call.Refusal ??= await PriceAsync(call) ?? await rates.TakeAsync(call);

        if (call.Refusal is null)
        {
            call.CheckedAfter = call.Elapsed;
            try
            {
                call.Refusal = await budgets.ReserveAsync(call) ?? await upstream.InvokeAsync(call);
            }
            finally
            {
                // Settles the call unless the response did; a response that is read after its caller disconnected settles it later.
                await unfinished.EndAsync(call);
            }
        }
    }

    private async ValueTask<Refusal?> ReadAsync(CallContext call)
    {
        var refusal = await CheckAsync(call) ?? await bodies.ReadAsync(call);
        if (refusal is null && call is { Routed: null, Endpoint: { IsMetered: true, PathModel: null } })
            call.Alias = routes.AliasOf(call.Body.Model);
        return refusal;
    }

    private async ValueTask<Refusal?> PriceAsync(CallContext call) =>
        EndpointStage.RefuseKeyless(call)
            ?? await prices.PriceAsync(call)
            ?? (call.Endpoint.IsMetered ? RefuseModel(call) : null)
            ?? await references.CheckAsync(call);

    private Refusal? RefuseModel(CallContext call) =>
        access.RefuseModel(call.Caller, call.Target, call.Body.Streams) ?? budgets.RefuseModel(call);

    /// <summary>The call that follows one without a response for its caller; <c>null</c> = there is none.</summary>
    private async ValueTask<CallContext?> NextAsync(CallContext call)
    {
        if (call.Alias is { } alias) return Create(call.Http, fallback.Begin(call.Http, alias, call.Body.Bytes), call.Path);
        if (call.Routed is not { } attempt) return null;
        var next = await fallback.NextAsync(attempt, call.Outcome, call.Http.RequestAborted);
        return next is null ? null : Create(call.Http, next, call.Path);
    }

    private CallContext Create(HttpContext http, RoutedCall routed, string path) =>
        new(http, routed.Provider, path, time.GetUtcNow()) { Routed = routed };
}
