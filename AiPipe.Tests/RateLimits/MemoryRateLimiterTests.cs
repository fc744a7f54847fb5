using AiPipe.Proxy.RateLimits;
using AiPipe.Tests.Support;
using FsCheck;
using FsCheck.Fluent;

namespace AiPipe.Tests.RateLimits;

public sealed class MemoryRateLimiterTests
{
    private static readonly RateScope Sixty = new("user:ann", new RateLimit(60, 0), "ann");
    private static readonly RateScope Tokens = new("user:ann", new RateLimit(0, 1000), "ann");
    private readonly StillClock _clock = new();
    private readonly MemoryRateLimiter _limiter;

    public MemoryRateLimiterTests() => _limiter = new MemoryRateLimiter(_clock);

    [Fact]
    public async Task A_minutes_requests_pass_at_once_and_then_one_a_second()
    {
        for (var i = 0; i < 60; i++) Assert.True((await _limiter.TakeAsync([Sixty], 0)).IsTaken);
        var refused = await _limiter.TakeAsync([Sixty], 0);
        Assert.Equal((0, false, 1000L), (refused.Refused, refused.ForTokens, refused.Wait));

        _clock.Milliseconds += 999;
        Assert.Equal(1, (await _limiter.TakeAsync([Sixty], 0)).Wait);
        _clock.Milliseconds += 1;
        Assert.True((await _limiter.TakeAsync([Sixty], 0)).IsTaken);
        Assert.False((await _limiter.TakeAsync([Sixty], 0)).IsTaken);
    }

    [Fact]
    public async Task A_call_that_is_refused_by_one_bucket_takes_nothing_from_the_others()
    {
        var one = new RateScope("model:m", new RateLimit(1, 0), "model m");
        Assert.True((await _limiter.TakeAsync([Sixty, one], 0)).IsTaken);
        var refused = await _limiter.TakeAsync([Sixty, one], 0);
        Assert.Equal((1, 60_000L), (refused.Refused, refused.Wait));
        Assert.Equal(1 * RateBucket.Unit, (await _limiter.TakeAsync([one, Sixty], 0)).Levels[1].Requests);
    }

    [Fact]
    public async Task A_call_that_used_more_than_was_left_delays_the_next_until_the_average_holds()
    {
        Assert.True((await _limiter.TakeAsync([Tokens], 100)).IsTaken);
        _limiter.Debit([Tokens], 2900);
        Assert.Equal((true, 120_060L), await _limiter.TakeAsync([Tokens], 1) is var refused ? (refused.ForTokens, refused.Wait) : default);
        _clock.Milliseconds += 120_060;
        Assert.True((await _limiter.TakeAsync([Tokens], 1)).IsTaken);
    }

    [Fact]
    public async Task What_a_call_did_not_use_is_there_at_once_for_others_but_never_more_than_the_bucket_holds()
    {
        Assert.True((await _limiter.TakeAsync([Tokens], 1000)).IsTaken);
        _limiter.Debit([Tokens], -1000);
        _limiter.Debit([Tokens], -1000);
        Assert.True((await _limiter.TakeAsync([Tokens], 1000)).IsTaken);
        Assert.False((await _limiter.TakeAsync([Tokens], 1)).IsTaken);
    }

    [Fact]
    public async Task A_call_without_tokens_passes_an_empty_bucket_of_them()
    {
        Assert.True((await _limiter.TakeAsync([Tokens], 1000)).IsTaken);
        Assert.True((await _limiter.TakeAsync([Tokens], 0)).IsTaken);
    }

    [Fact]
    public async Task Strangers_cannot_make_it_grow_and_full_buckets_are_forgotten_first()
    {
        var limiter = new MemoryRateLimiter(_clock, mostBuckets: 100);
        var empty = new RateScope("user:empty", new RateLimit(0, 1), "empty");
        limiter.Debit([empty], 1000);
        for (var i = 0; i < 10_000; i++)
        {
            await limiter.TakeAsync([Sixty with { Key = $"fetch:{i}" }], 0);
            Assert.InRange(limiter.Count, 1, 100);
        }
        Assert.False((await limiter.TakeAsync([empty], 1)).IsTaken);
    }

    [Fact]
    public async Task A_bucket_that_is_full_again_takes_no_room()
    {
        await _limiter.TakeAsync([Tokens], 10);
        _limiter.Debit([Tokens], -10);
        Assert.Equal(0, _limiter.Count);
    }

    [Fact]
    public async Task However_much_a_provider_says_was_used_the_sums_stay_in_range()
    {
        _limiter.Debit([Tokens], long.MaxValue);
        _limiter.Debit([Tokens], long.MaxValue);
        Assert.True((await _limiter.TakeAsync([Tokens], 1)).Wait > 0);
        _limiter.Debit([Tokens], long.MinValue);
        Assert.True((await _limiter.TakeAsync([Tokens], 1000)).IsTaken);
    }

    /// <summary>A wait in milliseconds, then a call: the tokens that it asks for, and those that it used in the end.</summary>
    private sealed record Step(int Wait, int Asked, int Used);

    [Fact]
    public void No_minute_sees_more_than_limit_and_burst_and_the_average_of_tokens_holds()
    {
        var waits = Gen.OneOf(Gen.Constant(0), Gen.Choose(0, 3000), Gen.Choose(0, 90_000));
        var step = from wait in waits from asked in Gen.Choose(0, 50) from used in Gen.Choose(0, 300) select new Step(wait, asked, used);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll(step.ListOf(300).ToArbitrary(), PassesNoFasterAsync));
    }

    private static async Task PassesNoFasterAsync(IList<Step> steps)
    {
        var (clock, limit) = (new StillClock(), new RateLimit(20, 1000));
        var (limiter, began, total) = (new MemoryRateLimiter(clock), clock.Milliseconds, 0L);
        RateScope[] scopes = [new RateScope("user:ann", limit, "ann")];
        List<long> passed = [];
        foreach (var (wait, asked, used) in steps)
        {
            clock.Milliseconds += wait;
            if (!(await limiter.TakeAsync(scopes, asked)).IsTaken) continue;
            passed.Add(clock.Milliseconds);
            Assert.InRange(passed.Count(time => time > clock.Milliseconds - 60_000), 1, 2 * limit.Requests);
            if (asked > 0) Assert.True((total + asked) * RateBucket.Unit <= limit.Tokens * (RateBucket.Unit + clock.Milliseconds - began));
            limiter.Debit(scopes, used - asked);
            total += used;
        }
        Assert.NotEmpty(passed);
    }
}
