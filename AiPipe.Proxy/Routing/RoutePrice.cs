using AiPipe.Proxy.Pricing;

namespace AiPipe.Proxy.Routing;

internal static class RoutePrice
{
    /// <summary>The price of a routed call; <c>null</c> if a price is missing.</summary>
    public static PricedModel? Resolve(RoutedCall routed, PricedModel? listed)
    {
        var (input, output) = (routed.Target.Options.InputCost, routed.Target.Options.OutputCost);
        if (input is null && output is null) return listed;
        if ((input ?? listed?.Settle.Input) is not { } inputRate || (output ?? listed?.Settle.Output) is not { } outputRate) return null;
        // The operator's price applies to all tokens of a direction, whatever their kind.
        var price = new Price
        {
            Input = inputRate,
            Output = outputRate,
            WebSearch = listed?.Settle.WebSearch,
            Request = listed?.Settle.Request
        };
        return new PricedModel(
            price, price, $"route {routed.Route.Id}", listed?.MaxOutputTokens, listed?.ContextTokens)
        { Family = listed?.Family };
    }
}
