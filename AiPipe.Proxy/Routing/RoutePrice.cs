using AiPipe.Proxy.Pricing;
using AiPipe.Proxy.Routing;

namespace AiPipe.Proxy.Routing;

/// <summary>What a route says that a model costs.</summary>
internal static class RoutePrice
{
    /// <summary>The price of a call of a route's.</summary>
    /// <param name="routed">The call's route and target.</param>
    /// <param name="listed">What the tables say, which holds where the route says nothing.</param>
    /// <returns><c>null</c> when nobody says what a side costs.</returns>
    public static PricedModel? Resolve(RoutedCall routed, PricedModel? listed)
    {
        var (input, output) = (routed.Target.Options.InputCost, routed.Target.Options.OutputCost);
        if (input is null && output is null) return listed;
        if ((input ?? listed?.Settle.Input) is not { } inputRate || (output ?? listed?.Settle.Output) is not { } outputRate) return null;
        // A word of the operator's for all tokens of a side, whatever kind they are.
        var price = new Price { Input = inputRate, Output = outputRate, WebSearch = listed?.Settle.WebSearch, Request = listed?.Settle.Request };
        return new PricedModel(price, price, $"route {routed.Route.Id}", listed?.MaxOutputTokens, listed?.ContextTokens) { Family = listed?.Family };
    }
}
