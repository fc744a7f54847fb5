using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pricing;

namespace AiPipe.Proxy.Budgets;

/// <summary>Decides a call's reservation and longest output. Exact: adds in 128 bits.</summary>
internal static class BudgetFit
{
    /// <summary>In tokens: a shorter response is not worth a call, unless the caller asked for less.</summary>
    public const long MinimumOutput = 16;
    /// <summary>In tokens: reserved for a model whose maximum is unknown; longer than the responses of nearly all models.</summary>
    public const long UnknownOutput = 131_072;
    /// <summary>In tokens: the longest limit that is added for such a model; a provider rejects one above the model's maximum.</summary>
    public const long AddedOutput = 4_096;

    /// <summary>Reserves the whole worst case if it fits, otherwise a fitted amount, otherwise refuses.</summary>
    /// <remarks>
    /// A request with a limit: if its worst case fits the available room, all of it is reserved; if it would fit after the running calls,
    /// the verdict is <c>Reserved</c> (retry later); otherwise it is fitted. A request without a limit: if the model's longest output fits
    /// the share, all of it is reserved and no limit is added; otherwise it is fitted. Fitted: reserves the share, or all that is available
    /// if the share buys too little output. If that is too little as well, the verdict is <c>Reserved</c> if waiting would help, otherwise
    /// <c>Spent</c>.
    /// </remarks>
    /// <param name="available">The room besides the reservations, in the tightest scope; may be negative.</param>
    /// <param name="alone">The room without other running calls, in the tightest scope.</param>
    /// <param name="holdShare">The part of <paramref name="available"/> that a call without a sensible limit may reserve.</param>
    public static Fit Decide(CostBound bound, PicoUsd available, PicoUsd alone, decimal holdShare)
    {
        var (left, most) = (available.Value, alone.Value);
        // A limit below one is no limit: providers treat it as an error or as unlimited.
        var stated = bound.StatedOutput is >= 1 and var asked ? asked : (long?)null;
        var wanted = bound.ModelOutput is { } max ? Math.Min(stated ?? max, max) : stated;
        // Free models need no room, even if the budget is overspent.
        if (bound is { Input.Value: 0, PerOutputToken.Value: 0 }) return Fit.Fitting(new CostLimit(PicoUsd.Zero, Lowered()));
        if (!bound.CanLimit) return Whole(bound, 0, null, left) ?? No(bound.Input.Value, most);

        var share = (long)decimal.Floor(Math.Max(left, 0) * holdShare);
        if (wanted is { } output)
        {
            if (Whole(bound, output, Lowered(), stated is null ? share : left) is { } whole) return whole;
            if (stated is not null && Cost(bound, output) <= most) return Fit.Reserved;
        }
        else if (Whole(bound, UnknownOutput, limit: null, bound.PerOutputToken.Value == 0 ? left : share) is { } unlimited)
        {
            return unlimited;
        }

        var least = LeastOutput(bound, wanted);
        var tokens = Buys(bound, share);
        if (tokens < least) tokens = Buys(bound, left);
        if (tokens < least) return No(Cost(bound, least), most);
        tokens = Math.Min(tokens, wanted ?? Math.Max(AddedOutput, least));
        return Fit.Fitting(new CostLimit(bound.With(tokens), tokens == wanted ? Lowered() : tokens));

        // The provider would reject a stated limit above the model's own.
        long? Lowered() => stated > wanted ? wanted : null;
    }

    /// <summary>The least that a call can reserve; a call that does not fit at this cost is refused.</summary>
    public static PicoUsd LeastCost(CostBound bound)
    {
        if (!bound.CanLimit) return bound.Input;
        long? wanted = bound.StatedOutput is >= 1 and var stated ? Math.Min(stated, bound.ModelOutput ?? stated) : bound.ModelOutput;
        return PicoUsd.Saturate(Cost(bound, LeastOutput(bound, wanted)));
    }

    /// <summary>The most that a call can cost, if the budget does not lower its output limit.</summary>
    public static PicoUsd MostCost(CostBound bound)
    {
        if (!bound.CanLimit) return bound.Input;
        var stated = bound.StatedOutput is >= 1 and var asked ? asked : bound.ModelOutput ?? UnknownOutput;
        return PicoUsd.Saturate(Cost(bound, Math.Min(stated, bound.ModelOutput ?? stated)));
    }

    private static long LeastOutput(CostBound bound, long? wanted)
    {
        var least = Math.Max(MinimumOutput, bound.LeastOutput);
        return Math.Min(least, wanted ?? least);
    }

    private static Fit? Whole(CostBound bound, long output, long? limit, long room) =>
        Cost(bound, output) <= room ? Fit.Fitting(new CostLimit(bound.With(output), limit)) : null;

    private static Fit No(Int128 needed, long alone) => needed <= alone ? Fit.Reserved : Fit.Spent;

    private static Int128 Cost(CostBound bound, long output) =>
        bound.Input.Value + (Int128)bound.PerOutputToken.Value * output;

    /// <summary>The output tokens that <paramref name="room"/> buys besides the input; -1 if it does not buy the input.</summary>
    private static long Buys(CostBound bound, long room)
    {
        var rest = (Int128)room - bound.Input.Value;
        if (rest < 0) return -1;
        return bound.PerOutputToken.Value == 0 ? long.MaxValue : (long)(rest / bound.PerOutputToken.Value);
    }
}

internal readonly record struct Fit(FitVerdict Verdict, CostLimit Limit)
{
    /// <summary>Running calls have reserved the rest: waiting helps.</summary>
    public static readonly Fit Reserved = new(FitVerdict.Reserved, default);
    /// <summary>The budget is spent: waiting for running calls does not help.</summary>
    public static readonly Fit Spent = new(FitVerdict.Spent, default);

    public static Fit Fitting(CostLimit limit) => new(FitVerdict.Fits, limit);
}

internal enum FitVerdict
{
    Fits,
    Reserved,
    Spent,
}
