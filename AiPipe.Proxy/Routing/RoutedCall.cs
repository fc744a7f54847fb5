using AiPipe.Proxy.Providers;

namespace AiPipe.Proxy.Routing;

/// <summary>The route's decisions for one call, made before the pipeline starts.</summary>
/// <param name="Provider">The target's provider, at the target's own endpoint where it has one.</param>
/// <param name="IsLast">True if no other target is left: the caller receives any outcome.</param>
internal sealed record RoutedCall(FallbackPlan Plan, RouteTarget Target, Provider Provider, bool IsLast)
{
    public ModelRoute Route => Plan.Route;

    /// <summary>The name of callers without a token, in the ledger and in counters.</summary>
    public string AnonymousName => $"route:{Route.Id.ToLowerInvariant()}";

    /// <summary>True if the caller does not receive this outcome, because another target follows.</summary>
    public bool IsWithheld(TargetOutcome outcome) => !IsLast && Route.FallbackOn.Covers(outcome);
}
