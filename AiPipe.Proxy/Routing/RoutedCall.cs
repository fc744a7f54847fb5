namespace AiPipe.Proxy.Routing;

/// <summary>What a route has decided of a call before its journey begins.</summary>
/// <param name="Plan">The request's attempts, of which this is one.</param>
/// <param name="Target">Who answers.</param>
/// <param name="IsLast">There is nobody else to ask: whatever comes of it is the caller's.</param>
internal sealed record RoutedCall(FallbackPlan Plan, RouteTarget Target, bool IsLast)
{
    public ModelRoute Route => Plan.Route;

    /// <summary>Callers without a token, in the ledger and in their counter's name.</summary>
    public string AnonymousName => $"route:{Route.Id.ToLowerInvariant()}";

    /// <summary>The caller gets nothing of it, since somebody else is asked.</summary>
    public bool IsWithheld(TargetOutcome outcome) => !IsLast && Route.FallbackOn.Covers(outcome);
}
