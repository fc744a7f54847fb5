using System.Collections.Frozen;

namespace AiPipe.Proxy.Pricing;

/// <summary>A model as the price lists know it.</summary>
/// <param name="Settle">The price that the finished call is billed at.</param>
/// <param name="Reserve">The dearest price that any of our tables gives: what a call is held at before it leaves.</param>
/// <param name="Version">Which table and of which day, as it stands in the receipt: <c>model-prices 2026-08-21</c>.</param>
/// <param name="MaxOutputTokens">The most that the model can answer, where known.</param>
/// <param name="ContextTokens">The most that the model can read, where known.</param>
internal sealed record PricedModel(Price Settle, Price Reserve, string Version, long? MaxOutputTokens, long? ContextTokens)
{
    private const string Priority = "priority";

    /// <summary>What a priority call costs, in standard prices, where no list has the model: as dear as OpenAI's usually are.</summary>
    private const decimal UnlistedPriorityFactor = 2;

    /// <summary>The one name that all spellings of the model share (<c>gpt-4o</c> of <c>gpt-4o-2024-08-06</c>); <c>null</c> = it has only its own.</summary>
    public string? Family { get; init; }

    /// <summary>The prices of service tiers that differ from <see cref="Settle"/>, by their name on the wire.</summary>
    public FrozenDictionary<string, Price> Tiers { get; init; } = FrozenDictionary<string, Price>.Empty;

    /// <summary>
    /// What a call is billed at. A tier that is not listed for this model never makes it cheaper: <c>flex</c> costs the standard
    /// price then, <c>priority</c> (also called <c>fast</c>) twice as much.
    /// </summary>
    /// <param name="serviceTier">The tier that served the call, as the answer names it; <c>null</c> = not said.</param>
    public Price SettleAt(string? serviceTier)
    {
        if (serviceTier is null) return Settle;
        if (Tiers.TryGetValue(Listed(serviceTier), out var listed)) return listed;
        return IsPriority(serviceTier) ? Settle.Times(UnlistedPriorityFactor) : Settle;
    }

    /// <summary>What a call is held at. QueryTimeouts for a cheaper tier does not lower it: the provider may serve it at the standard one.</summary>
    /// <param name="serviceTier">The tier asked for; <c>null</c> = not said.</param>
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
