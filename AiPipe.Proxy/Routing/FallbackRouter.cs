using System.Globalization;
using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Providers;

namespace AiPipe.Proxy.Routing;

/// <summary>
/// Chooses the target of each attempt of a request to a route: the first one, and after an attempt that failed before its first byte, the
/// next. Each attempt is a call of its own, with its own reservation, ledger entry and span.
/// </summary>
internal sealed class FallbackRouter(ProviderCatalog providers, TimeProvider time)
{
    private const string AttemptsHeader = "x-aipipe-attempts";

    /// <summary>The first attempt of a request to a route.</summary>
    /// <param name="http">The request.</param>
    /// <param name="route">The route.</param>
    /// <param name="body">The request's body, where it was read already.</param>
    public RoutedCall Begin(HttpContext http, ModelRoute route, ReadOnlyMemory<byte>? body)
    {
        var order = TargetOrder.Create(route.Targets, SessionAffinityKey(http, route));
        var usable = order.Where(HasCredentials).ToList();
        var plan = new FallbackPlan(route, usable.Count > 0 ? usable : order) { Body = body };
        http.Response.OnStarting(static state =>
        {
            var (response, plan) = ((HttpResponse, FallbackPlan))state;
            if (plan.AttemptCount > 1) response.Headers[AttemptsHeader] = plan.AttemptCount.ToString(CultureInfo.InvariantCulture);
            return Task.CompletedTask;
        }, (http.Response, plan));
        return Next(plan);
    }

    /// <summary>The attempt that follows one without a response for its caller, after its backoff; <c>null</c> = there is none.</summary>
    /// <param name="attempt">The attempt that ended.</param>
    /// <param name="outcome">What came of it; <c>null</c> = the target was not called.</param>
    /// <param name="aborted">Ends when the caller leaves.</param>
    public async ValueTask<RoutedCall?> NextAsync(RoutedCall attempt, TargetOutcome? outcome, CancellationToken aborted)
    {
        if (outcome is null) attempt.Target.Breaker.Release(time.GetUtcNow());
        if (outcome is null || !attempt.IsWithheld(outcome) || aborted.IsCancellationRequested) return null;
        if (attempt.Plan.Backoff is { Ticks: > 0 } backoff)
            await Task.Delay(backoff, time, aborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return aborted.IsCancellationRequested ? null : Next(attempt.Plan);
    }

    private RoutedCall Next(FallbackPlan plan)
    {
        var target = plan.Next(time.GetUtcNow());
        return new RoutedCall(plan, target, ProviderOf(target), IsLast: !plan.HasMoreAttempts);
    }

    private static string? SessionAffinityKey(HttpContext http, ModelRoute route) =>
        route.Sticky is { } header && http.Request.Headers[header] is { Count: > 0 } values ? values.ToString() : null;

    private bool HasCredentials(RouteTarget target) =>
        target.HasOwnAccess || (providers.TryFind(target.Provider, out var provider) && provider.Credentials.Count > 0);

    /// <summary>The provider, at the target's own endpoint. A custom endpoint never receives our keys.</summary>
    private Provider ProviderOf(RouteTarget target)
    {
        // A provider that was removed, such as the demo after the first key was added, has no keys and so takes no calls.
        if (!providers.TryFind(target.Provider, out var provider)) provider = Removed(target.Provider);
        return target.Endpoint is not { } endpoint
            ? provider with { AllowsByok = false }
            : provider with
            {
                BaseUrl = endpoint,
                Credentials = [],
                AllowsByok = false,
                ReportsCost = false,
                TakesMaxPrice = false,
                Paths = [],
                Surfaces = [],
                IsFree = false,
                IsBuiltIn = false,
            };
    }

    private static Provider Removed(string name) =>
        new() { Name = name, Dialect = Dialect.OpenAi, BaseUrl = new("http://gone.invalid"), TelemetryName = name };
}
