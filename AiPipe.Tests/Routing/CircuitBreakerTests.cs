using AiPipe.Proxy.Routing;

namespace AiPipe.Tests.Routing;

public sealed class CircuitBreakerTests
{
    private readonly CircuitBreaker _health = new();
    private DateTimeOffset _now = new(2026, 11, 21, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Troubles_in_a_row_take_it_out_and_a_good_answer_between_them_does_not()
    {
        foreach (var status in (int[])[500, 503, 200, 502, 429, 400, 504, 401]) Assert.False(
            _health.Record(new TargetOutcome.Answered(status), _now));
        Assert.Equal(("ok", 2), (_health.At(_now).Status, _health.At(_now).ConsecutiveFailures));
        Assert.True(_health.Record(new TargetOutcome.Unreachable(), _now));
        Assert.False(_health.TryAcquire(_now));
        Assert.False(_health.TryAcquire(_now + CircuitBreaker.FirstPause - TimeSpan.FromTicks(1)));
    }

    [Fact]
    public void After_the_pause_one_tries_and_the_others_wait_for_it()
    {
        Break();
        _now += CircuitBreaker.FirstPause;
        Assert.Equal("half_open", _health.At(_now).Status);
        Assert.Equal((true, false, false), (_health.TryAcquire(_now), _health.TryAcquire(_now), _health.TryAcquire(_now)));

        Assert.False(_health.Record(new TargetOutcome.Answered(200), _now));
        Assert.Equal((true, true, "ok"), (_health.TryAcquire(_now), _health.TryAcquire(_now), _health.At(_now).Status));
    }

    [Fact]
    public void Who_tried_and_never_said_what_came_of_it_does_not_keep_it_out_for_good()
    {
        Break();
        _now += CircuitBreaker.FirstPause;
        Assert.True(_health.TryAcquire(_now));
        _now += CircuitBreaker.FirstPause;
        Assert.True(_health.TryAcquire(_now));
    }

    [Fact]
    public void Who_was_told_yes_and_did_not_ask_leaves_it_to_the_next()
    {
        Break();
        _health.Release(_now);
        Assert.False(_health.TryAcquire(_now));
        _now += CircuitBreaker.FirstPause;
        Assert.True(_health.TryAcquire(_now));
        _health.Release(_now);
        Assert.Equal((true, false), (_health.TryAcquire(_now), _health.TryAcquire(_now)));

        _health.Record(new TargetOutcome.TimedOut(), _now);
        _health.Release(_now);
        Assert.False(_health.TryAcquire(_now));
    }

    [Fact]
    public void Pauses_double_up_to_the_longest()
    {
        Break();
        var pauses = new List<double>();
        for (var i = 0; i < 40; i++)
        {
            pauses.Add((_health.At(_now).OpenUntil!.Value - _now).TotalSeconds);
            _now = _health.At(_now).OpenUntil!.Value;
            Assert.True(_health.TryAcquire(_now));
            _health.Record(new TargetOutcome.TimedOut(), _now);
        }
        Assert.Equal([5, 10, 20, 40, 80, 160, 300, 300], pauses.Take(8));
        Assert.All(pauses.Skip(8), pause => Assert.Equal(300, pause));
    }

    [Theory]
    [InlineData(20, 20)]
    [InlineData(86_400, 300)]
    [InlineData(0, 0)]
    [InlineData(-5, 0)]
    public void Target_that_asks_to_be_left_alone_is_for_as_long_as_is_reasonable(int asked, int seconds)
    {
        Assert.Equal(seconds > 0, _health.Record(new TargetOutcome.Answered(429, TimeSpan.FromSeconds(asked)), _now));
        Assert.Equal(seconds == 0, _health.TryAcquire(_now));
        _now += TimeSpan.FromSeconds(seconds);
        // It was not broken: all may ask again.
        Assert.Equal((true, true), (_health.TryAcquire(_now), _health.TryAcquire(_now)));
    }

    [Fact]
    public void Health_goes_over_to_the_same_target_of_a_changed_route_and_to_no_other()
    {
        var (a, b) = (Targets.Create("a"), Targets.Create("b"));
        var before = RouteIndex.Create([Targets.Route(a, b)]);
        for (var i = 0; i < CircuitBreaker.FailuresToOpen; i++) a.Breaker.Record(new TargetOutcome.TimedOut(), _now);
        var after = RouteIndex.Create([Targets.Route(Targets.Create("b"), Targets.Create("a", weight: 9), Targets.Create("c")),
            Targets.Route(Targets.Create("a")) with { Id = "2" }]).Remembering(before);

        Assert.Equal(["open", "ok", "ok"], after.All[0].Targets.OrderBy(target => target.Key, StringComparer.Ordinal)
            .Select(target => target.Breaker.At(_now).Status));
        Assert.Equal("ok", after.All[1].Targets[0].Breaker.At(_now).Status);
    }

    [Fact]
    public void Target_with_a_mended_key_or_address_begins_anew()
    {
        RouteTarget Before() =>
            Targets.Create("a") with
            {
                Headers = [KeyValuePair.Create("k", "1")],
                Query = [KeyValuePair.Create("k", "1")],
                Endpoint = new("https://a.example/x"),
                EndpointQuery = "c=1"
            };
        string After(RouteTarget target)
        {
            var before = Before();
            for (var i = 0; i < CircuitBreaker.FailuresToOpen; i++) before.Breaker.Record(new TargetOutcome.TimedOut(), _now);
            var after = RouteIndex.Create([Targets.Route(target)]).Remembering(RouteIndex.Create([Targets.Route(before)]));
            return after.All[0].Targets[0].Breaker.At(_now).Status;
        }

        Assert.Equal("open", After(Before()));
        Assert.Equal("ok", After(Before() with { Headers = [KeyValuePair.Create("k", "2")] }));
        Assert.Equal("ok", After(Before() with { Query = [] }));
        Assert.Equal("ok", After(Before() with { Endpoint = new("https://a.example/y") }));
        Assert.Equal("ok", After(Before() with { EndpointQuery = "c=2" }));
    }

    private void Break()
    {
        for (var i = 0; i < CircuitBreaker.FailuresToOpen; i++) _health.Record(new TargetOutcome.TimedOut(), _now);
    }
}
