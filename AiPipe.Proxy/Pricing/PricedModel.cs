using System.Collections.Frozen;

namespace AiPipe.Proxy.Pricing;

/// <param name="Reserve">The highest price in any table, for the reservation.</param>
/// <param name="Version">The price table and its date, as in the receipt: <c>model-prices 2026-08-21</c>.</param>
internal sealed record PricedModel(Price Settle, Price Reserve, string Version, long? MaxOutputTokens, long? ContextTokens)
{
    private const string Priority = "priority";

    /// <summary>The factor for a priority call of a model without a listed tier: OpenAI's usual one.</summary>
    private const decimal UnlistedPriorityFactor = 2;

    /// <summary>The common name of all spellings of the model (<c>gpt-4o</c> of <c>gpt-4o-2024-08-06</c>); <c>null</c> = none.</summary>
    public string? Family { get; init; }

    /// <summary>The prices of service tiers that differ from <see cref="Settle"/>, by name.</summary>
    public FrozenDictionary<string, Price> Tiers { get; init; } = FrozenDictionary<string, Price>.Empty;

    /// <summary>True if the listed price is zero, but calls were charged.</summary>
    public bool IsCharged { get; init; }

    /// <summary>True if the administrator says that the model is free, whatever the provider charges.</summary>
    public bool IsStatedFree { get; init; }

    /// <summary>
    /// An unlisted tier is never cheaper: <c>flex</c> costs the standard price, <c>priority</c> (or <c>fast</c>) twice as much.
    /// </summary>
    public Price SettleAt(string? serviceTier)
    {
        if (serviceTier is null) return Settle;
        if (Tiers.TryGetValue(Listed(serviceTier), out var listed)) return listed;
        return IsPriority(serviceTier) ? Settle.Times(UnlistedPriorityFactor) : Settle;
    }

    /// <summary>A cheaper tier does not lower the reservation: the provider may serve the call at the standard tier.</summary>
    public Price ReserveAt(string? serviceTier)
    {
        if (serviceTier is null || !IsPriority(serviceTier)) return Reserve;
        var dear = Reserve.Times(UnlistedPriorityFactor);
        return Tiers.TryGetValue(Priority, out var listed) ? Price.Dearest(dear, listed) : dear;
    }

    private static string Listed(string tier) => IsPriority(tier) ? Priority : tier;

    private static bool IsPriority(string tier) =>
        tier.Equals(Priority, StringComparison.OrdinalIgnoreCase) || tier.Equals("fast", StringComparison.OrdinalIgnoreCase);
}
