using System.Collections.Concurrent;
using AiPipe.Proxy.Metering;
using AiPipe.Proxy.Money;

namespace AiPipe.Proxy.Pricing;

/// <summary>Models listed as free that a provider charged for: calls reserve the observed price until a price is listed.</summary>
internal sealed class ChargedModels
{
    /// <summary>Callers choose the names of models.</summary>
    private const int MaxRemembered = 4_096;

    private const decimal Million = 1_000_000;

    private readonly ConcurrentDictionary<(string Provider, string Model), decimal> _rates = new();

    /// <summary>Takes note of a settled call.</summary>
    public void Note(string provider, string model, PricedModel price, TokenUsage? usage, PicoUsd cost)
    {
        if (cost <= PicoUsd.Zero || price.IsStatedFree || !(price.Settle.IsFree || price.IsCharged)) return;
        var rate = cost.ToUsd() * Million / Math.Max(1, (usage?.Input ?? 0) + (usage?.Output ?? 0));
        var key = (provider, model);
        if (_rates.Count < MaxRemembered || _rates.ContainsKey(key)) _rates.AddOrUpdate(key, rate, (_, before) => Math.Max(before, rate));
    }

    /// <summary>The price to reserve; the same one unless it is zero and the model was charged.</summary>
    public PricedModel? Apply(string provider, string model, PricedModel? price)
    {
        if (price is not { Settle.IsFree: true, IsStatedFree: false } || !_rates.TryGetValue((provider, model), out var rate)) return price;
        var seen = new Price { Input = rate, Output = rate };
        return price with { Settle = seen, Reserve = seen, IsCharged = true };
    }
}
