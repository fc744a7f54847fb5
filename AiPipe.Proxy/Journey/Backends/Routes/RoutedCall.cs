namespace AiPipe.Proxy.Journey.Backends.Routes;

/// <summary>What a route has decided of a call before its journey begins.</summary>
/// <param name="Route">The route.</param>
/// <param name="Target">Who answers.</param>
internal sealed record RoutedCall(ModelRoute Route, RouteTarget Target)
{
    /// <summary>Callers without a token, in the ledger and in their counter's name.</summary>
    public string AnonymousName => $"route:{Route.Id.ToLowerInvariant()}";
}
