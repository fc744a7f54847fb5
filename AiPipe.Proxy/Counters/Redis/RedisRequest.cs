using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pricing;

namespace AiPipe.Proxy.Counters.Redis;

/// <summary>A request to reserve an amount if every scope has enough room.</summary>
/// <param name="Required">The room that each scope must have, in pico-USD; empty = any.</param>
internal readonly record struct RedisRequest(CostLimit Limit, string Required)
{
    /// <summary>Reserves nothing and returns the numbers of every scope.</summary>
    public static readonly RedisRequest Never = new(default, new PicoUsd(long.MaxValue).Text());

    /// <summary>The whole worst case, and the least room for which <see cref="BudgetFit"/> chooses it. Most calls fit.</summary>
    public static RedisRequest Whole(CostBound bound, decimal holdShare)
    {
        var most = new PicoUsd(long.MaxValue);
        if (BudgetFit.Decide(bound, most, most, 1) is not { Verdict: FitVerdict.Fits, Limit: var hold }) return Never;
        if (IsFree(bound) || !bound.CanLimit || bound.StatedOutput >= 1) return Create(hold, bound);
        // Without a stated limit, a call reserves at most a share of the room: floor(room × share) ≥ amount.
        var room = decimal.Ceiling(hold.Amount.Value / holdShare);
        if (room * holdShare < hold.Amount.Value) room++;
        return room > long.MaxValue ? Never : new(hold, new PicoUsd((long)room).Text());
    }

    /// <summary>A decision from numbers that may be outdated: it needs at least its own amount as room.</summary>
    public static RedisRequest Create(CostLimit hold, CostBound bound) => new(hold, IsFree(bound) ? "" : hold.Amount.Text());

    // Models priced at zero stay usable over budget.
    private static bool IsFree(CostBound bound) => bound is { CanLimit: true, Input.Value: 0, PerOutputToken.Value: 0 };
}
