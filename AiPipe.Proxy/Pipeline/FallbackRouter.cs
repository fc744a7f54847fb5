using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Calls;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Providers;
using AiPipe.Proxy.Routing;

namespace AiPipe.Proxy.Pipeline;

/// <summary>
/// Makes the calls that a request to a route comes down to: one for its first target, and after one that failed before its first byte,
/// one for the next. Each is a call of its own, with its own reservation, ledger entry and span.
/// </summary>
internal sealed class FallbackRouter(ProviderCatalog providers, RouteTable routes, TimeProvider time)
{
    private const string AttemptsHeader = "x-aipipe-attempts";

    /// <summary>The first call of a request to a route.</summary>
    public CallContext First(HttpContext http, ModelRoute route, string path) => First(http, route, path, body: null);

    /// <summary>The call that goes on where this one ended without an answer for its caller; <c>null</c> = there is none.</summary>
    public async ValueTask<CallContext?> AfterAsync(CallContext call)
    {
        if (call.Alias is { } alias) return First(call.Http, alias, call.Path, call.Body.Bytes);
        if (call.Routed is not { } routed) return null;
        if (call.Outcome is null) routed.Target.Health.Release(time.GetUtcNow());
        if (call.Outcome is not { } outcome || !routed.IsWithheld(outcome) || call.Http.RequestAborted.IsCancellationRequested) return null;
        if (routed.Plan.Backoff is { Ticks: > 0 } wait) await Task.Delay(wait, time, call.Http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return call.Http.RequestAborted.IsCancellationRequested ? null : Next(call.Http, routed.Plan, call.Path);
    }

    /// <summary>The third stage of the journey, once the body is read: the model may be another name for some.</summary>
    /// <returns>True when it is, so that this call ends here and <see cref="AfterAsync"/> goes on.</returns>
    public bool IsAlias(CallContext call)
    {
        if (call is { Refusal: null, Routed: null, Endpoint: { IsMetered: true, PathModel: null } }) call.Alias = routes.AliasOf(call.Body.Model);
        return call.Alias is not null;
    }

    private CallContext First(HttpContext http, ModelRoute route, string path, ReadOnlyMemory<byte>? body)
    {
        var order = TargetOrder.Create(route.Targets, SessionAffinityKey(http, route));
        var able = order.Where(IsAble).ToList();
        var plan = new FallbackPlan(route, able.Count > 0 ? able : order) { Body = body };
        http.Response.OnStarting(static state =>
        {
            var (response, plan) = ((HttpResponse, FallbackPlan))state;
            if (plan.AttemptCount > 1) response.Headers[AttemptsHeader] = plan.AttemptCount.ToString(provider: null);
            return Task.CompletedTask;
        }, (http.Response, plan));
        return Next(http, plan, path);
    }

    private CallContext Next(HttpContext http, FallbackPlan plan, string path)
    {
        var now = time.GetUtcNow();
        var target = plan.Next(now);
        return new CallContext(http, ProviderOf(target), path, now) { Routed = new RoutedCall(plan, target, IsLast: !plan.HasMoreAttempts) };
    }

    private static string? SessionAffinityKey(HttpContext http, ModelRoute route) =>
        route.Sticky is { } header && http.Request.Headers[header] is { Count: > 0 } values ? values.ToString() : null;

    /// <summary>There is something to call it with.</summary>
    private bool IsAble(RouteTarget target) => target.HasOwnAccess || (providers.TryFind(target.Provider, out var provider) && provider.Credentials.Count > 0);

    /// <summary>The provider, at the target's own address: there it is somebody else, whom our keys are none of the business of.</summary>
    private Provider ProviderOf(RouteTarget target)
    {
        // One that is gone, like the demo since the first key came, has no keys and so takes no calls.
        if (!providers.TryFind(target.Provider, out var provider)) provider = Gone(target.Provider);
        return target.Endpoint is not { } endpoint
            ? provider with { AllowsByok = false }
            : provider with { BaseUrl = endpoint, Credentials = [], AllowsByok = false, ReportsCost = false, IsBuiltIn = false };
    }

    private static Provider Gone(string name) => new() { Name = name, Dialect = Dialect.OpenAi, BaseUrl = new("http://gone.invalid"), TelemetryName = name };
}
