using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pricing;

namespace AiPipe.Proxy.Counters.Redis;

/// <summary>What to ask Redis for: to hold an amount if every scope has so much room.</summary>
/// <param name="Hold">What is held then.</param>
/// <param name="Required">The room that each scope must have, in pico-USD; empty when any will do.</param>
internal readonly record struct RedisRequest(Hold Hold, string Required)
{
    /// <summary>Holds nothing: the answer is what every scope has.</summary>
    public static readonly RedisRequest Never = new(default, new PicoUsd(long.MaxValue).Text());

    /// <summary>
    /// The whole worst case: what <see cref="BudgetFit"/> would decide with all the room in the world, and the room from which on it
    /// decides so. Most calls fit, and then one script is all there is.
    /// </summary>
    public static RedisRequest Whole(CostBound bound, decimal holdShare)
    {
        var most = new PicoUsd(long.MaxValue);
        if (BudgetFit.Decide(bound, most, most, 1) is not { Verdict: FitVerdict.Fits, Hold: var hold }) return Never;
        if (IsFree(bound) || !bound.CanLimit || bound.StatedOutput >= 1) return Create(hold, bound);
        // Without a stated limit a call holds at most a share of what is left: floor(room × share) ≥ amount.
        var room = decimal.Ceiling(hold.Amount.Value / holdShare);
        if (room * holdShare < hold.Amount.Value) room++;
        return room > long.MaxValue ? Never : new(hold, new PicoUsd((long)room).Text());
    }

    /// <summary>What was decided by numbers that may have changed since: the room that it needs at least.</summary>
    public static RedisRequest Create(Hold hold, CostBound bound) => new(hold, IsFree(bound) ? "" : hold.Amount.Text());

    // Models priced at zero stay usable over budget.
    private static bool IsFree(CostBound bound) => bound is { CanLimit: true, Input.Value: 0, PerOutputToken.Value: 0 };
}
