using AiPipe.Proxy.Routing;
using FsCheck;
using FsCheck.Fluent;

namespace AiPipe.Tests.Routing;

public sealed class TargetOrderTests
{
    private static readonly RouteTarget A = Targets.Create("a", weight: 1), B = Targets.Create("b", weight: 3),
        C = Targets.Create("c", weight: 6);

    [Fact]
    public void Calls_are_spread_by_weight_at_every_place()
    {
        const int Calls = 20_000;
        var random = new Random(1);
        var orders = Enumerable.Range(0, Calls).Select(_ => TargetOrder.Create([A, B, C], _ => random.NextDouble())).ToList();

        Assert.All([(A, 0.1), (B, 0.3), (C, 0.6)], share =>
            Assert.InRange(orders.Count(order => order[0] == share.Item1) / (double)Calls, share.Item2 - 0.015, share.Item2 + 0.015));
        // Once the heaviest has been asked, the others share by theirs.
        var afterC = orders.Where(order => order[0] == C).ToList();
        Assert.InRange(afterC.Count(order => order[1] == B) / (double)afterC.Count, 0.73, 0.77);
    }

    [Fact]
    public void Sticky_calls_are_spread_by_weight_too_and_always_fall_the_same()
    {
        const int Callers = 10_000;
        var first = Enumerable.Range(0, Callers).Select(i => TargetOrder.Create([A, B, C], $"session {i}")[0]).ToList();

        Assert.InRange(first.Count(target => target == C) / (double)Callers, 0.58, 0.62);
        // In another process, and whatever the order they are written in.
        Assert.Equal(first, Enumerable.Range(0, Callers).Select(i => TargetOrder.Create([C, A, B], $"session {i}")[0]));
        Assert.Equal("c b a", TargetOrder.Create([A, B, C], "session 7").Keys());
    }

    [Fact]
    public void Priority_goes_before_weight_and_a_weight_of_0_is_never_asked()
    {
        var order = TargetOrder.Create(
            [Targets.Create("low", 1_000_000, -1), Targets.Create("none", 0, 9), Targets.Create("high", 1, 5), Targets.Create("usual", 1)],
            stick: null);
        Assert.Equal("high usual low", order.Keys());
    }

    /// <summary>Rendezvous hashing's promise: without one of them, the others stand as they stood.</summary>
    [Fact]
    public void Target_that_goes_moves_nobody_elses_callers()
    {
        var runs =
            from weights in Gen.Choose(1, 1000).Select(weight => weight).ArrayOf().Where(weights => weights.Length is > 1 and < 20)
            from gone in Gen.Choose(0, weights.Length - 1)
            from stick in ArbMap.Default.GeneratorFor<string>()
            select (targets: weights.Select((weight, i) => Targets.Create($"t{i}", weight, i % 2)).ToList(), gone, stick: stick ?? "");
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(runs.ToArbitrary(), run =>
        {
            var before = TargetOrder.Create(run.targets, run.stick).Keys().Split(' ').Where(key => key != $"t{run.gone}");
            return string.Join(' ', before) == TargetOrder.Create([.. run.targets.Where((_, i) => i != run.gone)], run.stick).Keys();
        }));
    }

    [Fact]
    public void Plan_asks_the_well_ones_first_then_all_the_others_then_begins_again()
    {
        var now = DateTimeOffset.UnixEpoch;
        for (var i = 0; i < CircuitBreaker.FailuresToOpen; i++) A.Breaker.Record(new TargetOutcome.TimedOut(), now);
        var plan = new FallbackPlan(Targets.Route(A, B, C) with { Retries = 4 }, [A, B, C]);

        var asked = new List<(string Key, bool Waits)>();
        while (plan.HasMoreAttempts) asked.Add(
            (plan.Backoff > TimeSpan.Zero, plan.Next(now)) is var (waits, next) ? (next.Key, waits) : default);
        Assert.Equal([("b", false), ("c", false), ("a", false), ("b", true), ("c", false)], asked);
    }

    [Theory]
    [InlineData(1, null, 1)]
    [InlineData(3, null, 3)]
    [InlineData(3, 0, 1)]
    [InlineData(1, 2, 3)]
    [InlineData(32, null, 11)]
    public void Attempts_are_as_many_as_targets_unless_said_otherwise(int targets, int? retries, int attempts)
    {
        var all = Enumerable.Range(0, targets).Select(i => Targets.Create($"t{i}")).ToArray();
        var plan = new FallbackPlan(Targets.Route(all) with { Retries = retries }, all);
        while (plan.HasMoreAttempts) plan.Next(DateTimeOffset.UnixEpoch);
        Assert.Equal(attempts, plan.AttemptCount);
    }
}
