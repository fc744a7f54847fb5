using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pricing;

namespace AiPipe.Tests.Budgets;

/// <summary>Amounts in pico-USD; output tokens cost 10 and input 100 unless a case says otherwise.</summary>
public sealed class BudgetFitTests
{
    private const int Fits = 0;
    private const int Reserved = 1;
    private const int Spent = 2;

    [Theory]
    // stated and fitting: held whole, the request is left alone
    [InlineData(50L, null, 600, 600, Fits, 600, null)]
    [InlineData(50L, 50L, 600, 600, Fits, 600, null)]
    [InlineData(5L, null, 150, 150, Fits, 150, null)]
    // stated above what the model can answer: lowered to that
    [InlineData(1_000_000L, 40L, 1000, 1000, Fits, 500, 40L)]
    // not stated: the model's maximum if it is within the share
    [InlineData(null, 40L, 1000, 1000, Fits, 500, null)]
    [InlineData(null, 41L, 1000, 1000, Fits, 500, 40L)]
    // not stated, not known: the assumed maximum and no limit if it is within the share, else the share, with a limit that all models take
    [InlineData(null, null, 1000, 1000, Fits, 500, 40L)]
    [InlineData(null, null, 10_000_000, 10_000_000, Fits, 1_310_820, null)]
    [InlineData(null, null, 2_621_640, 2_621_640, Fits, 1_310_820, null)]
    [InlineData(null, null, 2_621_639, 2_621_639, Fits, 41_060, 4_096L)]
    // the share does not buy the minimum, all of it does
    [InlineData(null, null, 300, 300, Fits, 300, 20L)]
    [InlineData(null, 20L, 300, 300, Fits, 300, null)]
    // stated and too big: fitted, unless waiting would give the whole answer
    [InlineData(1_000_000L, null, 1000, 1000, Fits, 500, 40L)]
    [InlineData(90L, null, 600, 1000, Reserved, 0, null)]
    [InlineData(91L, null, 600, 1000, Fits, 300, 20L)]
    // not even the minimum
    [InlineData(null, null, 259, 259, Spent, 0, null)]
    [InlineData(null, null, 259, 260, Reserved, 0, null)]
    [InlineData(5L, null, 149, 149, Spent, 0, null)]
    [InlineData(null, null, -50, -50, Spent, 0, null)]
    [InlineData(50L, null, -50, 600, Reserved, 0, null)]
    // a limit below one is none
    [InlineData(0L, null, 1000, 1000, Fits, 500, 40L)]
    [InlineData(-7L, 41L, 1000, 1000, Fits, 500, 40L)]
    public void The_hold_and_the_limit_follow_from_what_is_left(
        long? stated, long? model, long available, long alone, int verdict, long amount, long? limit)
    {
        var fit = Decide(new CostBound(new(100), new(10), stated, model, CanLimit: true), available, alone);
        Assert.Equal(new Fit((FitVerdict)verdict, new CostLimit(new(amount), limit)), fit);
    }

    [Theory]
    [InlineData(null, 1_480, Fits, null)]
    [InlineData(null, 1_479, Fits, 63L)]
    [InlineData(null, 340, Fits, 24L)]
    [InlineData(null, 339, Spent, null)]
    [InlineData(8L, 339, Fits, null)]
    public void A_call_that_thinks_needs_a_longer_answer(long? stated, long room, int verdict, long? limit)
    {
        var bound = new CostBound(new(100), new(10), stated, ModelOutput: 64, CanLimit: true) { LeastOutput = 24 };
        var fit = Decide(bound, room, room);
        Assert.Equal(((FitVerdict)verdict, limit), (fit.Verdict, fit.Limit.OutputLimit));
        Assert.Equal(new PicoUsd(stated is null ? 340 : 180), BudgetFit.LeastCost(bound));
    }

    [Theory]
    [InlineData(100, 100, Fits)]
    [InlineData(99, 100, Reserved)]
    [InlineData(99, 99, Spent)]
    public void What_cannot_be_limited_must_fit_whole(long available, long alone, int verdict) =>
        Assert.Equal((FitVerdict)verdict, Decide(new CostBound(new(100), new(10), null, null, CanLimit: false), available, alone).Verdict);

    [Fact]
    public void What_costs_nothing_passes_over_budget() =>
        Assert.Equal(Fit.Fitting(new CostLimit(new(0), null)), Decide(new CostBound(new(0), new(0), 500, null, CanLimit: true), -5, -5));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_free_goes_on_when_more_than_everything_is_spent(bool canLimit) => Assert.Equal(
        Fit.Fitting(new CostLimit(PicoUsd.Zero, null)),
        BudgetFit.Decide(new CostBound(PicoUsd.Zero, PicoUsd.Zero, null, null, canLimit), new PicoUsd(-5), new PicoUsd(-5), 0.5m));

    [Fact]
    public void Free_output_is_not_limited_by_money() =>
        Assert.Equal(Fit.Fitting(new CostLimit(new(100), null)),
            Decide(new CostBound(new(100), new(0), null, null, CanLimit: true), 1000, 1000));

    [Fact]
    public void Absurd_limits_do_not_overflow() =>
        Assert.Equal(
            Fit.Fitting(new CostLimit(new(2_500_000_000_000_000_000), 25)),
            Decide(new CostBound(new(0), new(100_000_000_000_000_000), long.MaxValue, null, CanLimit: true), 5_000_000_000_000_000_000,
                5_000_000_000_000_000_000));

    [Fact]
    public void Whatever_is_asked_the_hold_is_covered_and_the_answer_worth_having()
    {
        var random = new Random(20261121);
        for (var i = 0; i < 200_000; i++)
        {
            var bound = new CostBound(
                new(Amount(random)), new(Amount(random)), Maybe(random), Maybe(random), CanLimit: random.Next(8) > 0);
            var available = Amount(random) - (random.Next(10) == 0 ? Amount(random) : 0);
            var alone = Math.Max(available, available / 2 + Amount(random) / 2);
            var fit = BudgetFit.Decide(bound, new(available), new(alone), 0.5m);

            var free = bound is { Input.Value: 0, PerOutputToken.Value: 0 };
            if (fit.Verdict == FitVerdict.Spent) Assert.True(Least(bound) > alone, $"{bound} {available} {alone}");
            if (fit.Verdict == FitVerdict.Reserved) Assert.True(Least(bound) <= alone && alone > available, $"{bound} {available} {alone}");
            if (fit.Verdict != FitVerdict.Fits || free) continue;
            Assert.InRange(fit.Limit.Amount.Value, 0, Math.Max(0, available));
            var output = fit.Limit.OutputLimit ?? Smaller(bound.StatedOutput, bound.ModelOutput)
                ?? (bound.PerOutputToken.Value == 0 ? BudgetFit.MinimumOutput : BudgetFit.UnknownOutput);
            if (!bound.CanLimit) output = 0;
            Assert.True(bound.Input.Value + (Int128)bound.PerOutputToken.Value * output <= fit.Limit.Amount.Value, $"{bound} {fit}");
            if (bound.CanLimit) Assert.True(output >= Minimum(bound), $"{bound} {fit}");
        }
    }

    private static Fit Decide(CostBound bound, long available, long alone) => BudgetFit.Decide(bound, new(available), new(alone), 0.5m);

    private static Int128 Least(CostBound bound) =>
        bound.Input.Value + (bound.CanLimit ? (Int128)bound.PerOutputToken.Value * Minimum(bound) : 0);

    private static long Minimum(CostBound bound) =>
        Math.Min(BudgetFit.MinimumOutput, Smaller(bound.StatedOutput, bound.ModelOutput) ?? long.MaxValue);

    private static long? Smaller(long? a, long? b) => a is null ? b : b is null ? a : Math.Min(a.Value, b.Value);

    // All magnitudes alike, from nothing to the edge of what can be counted.
    private static long Amount(Random random) => random.NextInt64(0, 1L << random.Next(0, 62));

    private static long? Maybe(Random random) => random.Next(3) == 0 ? null : 1 + Amount(random);
}
