using AiPipe.Proxy.Calls;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Providers;
using AiPipe.Proxy.Routing;

namespace AiPipe.Proxy.Pipeline;

/// <summary>Creates the attempts of a request to a route, each with its own reservation, ledger entry and span.</summary>
internal sealed class FallbackRouter(ProviderCatalog providers, RouteTable routes, TimeProvider time)
{
    private const string AttemptsHeader = "x-aipipe-attempts";

    public CallContext First(HttpContext http, ModelRoute route, string path) => First(http, route, path, body: null);

    /// <summary>The next attempt after a call without a response for the caller; <c>null</c> = none.</summary>
    public async ValueTask<CallContext?> AfterAsync(CallContext call)
    {
        if (call.Alias is { } alias) return First(call.Http, alias, call.Path, call.Body.Bytes);
        if (call.Routed is not { } routed) return null;
        if (call.Outcome is null) routed.Target.Health.Release(time.GetUtcNow());
        if (call.Outcome is not { } outcome || !routed.IsWithheld(outcome) || call.Http.RequestAborted.IsCancellationRequested) return null;
        if (routed.Plan.Backoff is { Ticks: > 0 } wait) await Task.Delay(wait, time, call.Http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return call.Http.RequestAborted.IsCancellationRequested ? null : Next(call.Http, routed.Plan, call.Path);
    }

    /// <summary>Part of the third stage of the pipeline, after the body is read: checks whether the model is an alias.</summary>
    /// <returns>True if so: this call ends here and <see cref="AfterAsync"/> creates the next one.</returns>
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

    private bool IsAble(RouteTarget target) => target.HasOwnAccess || (providers.TryFind(target.Provider, out var provider) && provider.Credentials.Count > 0);

    /// <summary>The provider, at the target's endpoint. A custom endpoint never receives our keys.</summary>
    private Provider ProviderOf(RouteTarget target)
    {
        // A provider that was removed (the demo, after the first key) has no keys, so its calls are refused.
        if (!providers.TryFind(target.Provider, out var provider)) provider = Gone(target.Provider);
        return target.Endpoint is not { } endpoint
            ? provider with { AllowsByok = false }
            : provider with { BaseUrl = endpoint, Credentials = [], AllowsByok = false, ReportsCost = false, IsBuiltIn = false };
    }

    private static Provider Gone(string name) => new() { Name = name, Dialect = Dialect.OpenAi, BaseUrl = new("http://gone.invalid"), TelemetryName = name };
}
