using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pricing;

namespace AiPipe.Proxy.Budgets;

/// <summary>
/// Decides what a call holds, and how long its answer may be so that it fits (contract §5, <em>budget-fit</em>). Pure, exact,
/// and safe for any numbers: costs are added up in 128 bits.
/// </summary>
internal static class BudgetFit
{
    /// <summary>An answer shorter than this, in tokens, is not worth sending for, unless the caller asked for less.</summary>
    public const long MinimumOutput = 16;
    /// <summary>The longest answer, in tokens, that is paid for when nobody says how long it can be.</summary>
    public const long UnknownOutput = 32_768;

    /// <summary>Holds the whole worst case where it fits, a fitted one where that fits, or says no.</summary>
    /// <remarks>
    /// <list type="table">
    /// <item><term>the request states a limit</term><description>and its worst case fits what is available: held whole</description></item>
    /// <item><term></term><description>and it would fit once the calls in flight have ended: <c>Held</c>, try again</description></item>
    /// <item><term></term><description>and it would not fit even then: fitted</description></item>
    /// <item><term>it states none</term><description>and the model's longest answer fits the share: held whole, the request stays as it is</description></item>
    /// <item><term></term><description>and that does not fit, or nobody knows how long it can be: fitted</description></item>
    /// <item><term>fitted</term><description>holds the share, or all that is available where the share buys too short an answer; where that
    /// buys too short a one as well: <c>Held</c> if waiting would help, else <c>Spent</c></description></item>
    /// </list>
    /// </remarks>
    /// <param name="bound">What the call can cost.</param>
    /// <param name="available">What is neither spent nor held, in the tightest scope; may be negative.</param>
    /// <param name="alone">What is not spent, in the tightest scope: what the call could hold if no other were in flight.</param>
    /// <param name="holdShare">The part of <paramref name="available"/> that a call without a sensible limit may hold.</param>
    public static Fit Decide(CostBound bound, PicoUsd available, PicoUsd alone, decimal holdShare)
    {
        var (left, most) = (available.Value, alone.Value);
        // A limit below one is no limit: providers read it as a mistake or as "as much as you like".
        var stated = bound.StatedOutput is >= 1 and var asked ? asked : (long?)null;
        var wanted = bound.ModelOutput is { } max ? Math.Min(stated ?? max, max) : stated;
        // What is free needs no room: it goes on when everything is spent, and more than that.
        if (bound is { Input.Value: 0, PerOutputToken.Value: 0 }) return Fit.Fitting(new Hold(PicoUsd.Zero, Lowered()));
        if (!bound.CanLimit) return Whole(bound, 0, null, left) ?? No(bound.Input.Value, most);

        var share = (long)decimal.Floor(Math.Max(left, 0) * holdShare);
        if (wanted is { } output)
        {
            if (Whole(bound, output, Lowered(), stated is null ? share : left) is { } whole) return whole;
            if (stated is not null && Cost(bound, output) <= most) return Fit.Held;
        }

        var least = Math.Min(MinimumOutput, wanted ?? MinimumOutput);
        var tokens = Buys(bound, share);
        if (tokens < least) tokens = Buys(bound, left);
        if (tokens < least) return No(Cost(bound, least), most);
        tokens = Math.Min(tokens, wanted ?? UnknownOutput);
        return Fit.Fitting(new Hold(bound.With(tokens), tokens == wanted ? Lowered() : tokens));

        // A stated limit above the model's own would only be refused by the provider.
        long? Lowered() => stated > wanted ? wanted : null;
    }

    private static Fit? Whole(CostBound bound, long output, long? limit, long room) =>
        Cost(bound, output) <= room ? Fit.Fitting(new Hold(bound.With(output), limit)) : null;

    private static Fit No(Int128 needed, long alone) => needed <= alone ? Fit.Held : Fit.Spent;

    private static Int128 Cost(CostBound bound, long output) =>
        bound.Input.Value + (Int128)bound.PerOutputToken.Value * output;

    /// <summary>How many tokens of output <paramref name="room"/> pays for besides the input; -1 when not even the input.</summary>
    private static long Buys(CostBound bound, long room)
    {
        var rest = (Int128)room - bound.Input.Value;
        if (rest < 0) return -1;
        return bound.PerOutputToken.Value == 0 ? long.MaxValue : (long)(rest / bound.PerOutputToken.Value);
    }
}

/// <summary>What <see cref="BudgetFit"/> decided.</summary>
/// <param name="Verdict">Whether the call may leave.</param>
/// <param name="Hold">What it holds, if so.</param>
internal readonly record struct Fit(FitVerdict Verdict, Hold Hold)
{
    /// <summary>Calls in flight hold the rest: waiting helps.</summary>
    public static readonly Fit Held = new(FitVerdict.Held, default);
    /// <summary>The money is spent: waiting for a call to end does not help.</summary>
    public static readonly Fit Spent = new(FitVerdict.Spent, default);

    public static Fit Fitting(Hold hold) => new(FitVerdict.Fits, hold);
}

internal enum FitVerdict
{
    Fits,
    Held,
    Spent,
}
