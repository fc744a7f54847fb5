using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Calls;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Pricing;
using AiPipe.Proxy.Routing;

namespace AiPipe.Proxy.Pipeline;

internal sealed class PriceStage(PriceResolver prices, ChargedModels charged)
{
    /// <summary>Sets <see cref="CallContext.Price"/>, or refuses a model without a price.</summary>
    public async ValueTask<Refusal?> PriceAsync(CallContext call)
    {
        if (call.Caller is Caller.Byok || !call.Endpoint.IsMetered) return null;
        var model = call.Body.Model;
        var found = await prices.FindAsync(call.Provider, model, call.Http.RequestAborted);
        if (call.Body.Units is { } units) found = UnitPrices.Resolve(units, model, found, prices.FindRow(call.Provider, model));
        var listed = charged.Apply(call.Provider.Name, model, found);
        call.Price = call.Routed is { } routed ? RoutePrice.Resolve(routed, listed) : listed;
        return call.Price is null ? Refusal.ModelPriceUnknown(model) : null;
    }
}
