using System.Diagnostics;
using AiPipe.Proxy.Infrastructure.Redis;
using AiPipe.Proxy.RateLimits;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace AiPipe.Tests.RateLimits;

public abstract class SharedRateLimiterTests(RedisFixture redis) : IAsyncLifetime
{
    private static readonly RateScope Ann = new("user:ann", new RateLimit(1, 0), "ann");
    private readonly RateScripts _scripts = new("tonumber(redis.call('GET', 'clock'))");
    private readonly StillClock _clock = new();
    private readonly StillClock _breakerClock = new();
    private RedisProcess _server = null!;
    private ServiceProvider _services = null!;
    private RedisServer _redis = null!;
    private IDatabase _database = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await redis.NewServerAsync();
        _services = new ServiceCollection().AddSingleton<IConnectionMultiplexer>(
            await ConnectionMultiplexer.ConnectAsync($"{_server.Address},abortConnect=false,connectTimeout=60000,asyncTimeout=60000"))
            .BuildServiceProvider();
        // Long: where it answers, a busy machine may be late.
        _redis = new RedisServer(
            _services, Options.Create(new RedisOptions { CommandTimeout = TimeSpan.FromSeconds(10) }), TimeProvider.System);
        _database = _services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return _services.DisposeAsync();
    }

    /// <summary>What happens next: a wait (which may be a clock set back), then a question or a debit, of some of three buckets.</summary>
    private sealed record Step(int Wait, bool IsDebit, int Scopes, int Tokens);

    [Fact]
    public async Task Both_limiters_agree_to_the_last_unit_whatever_happens()
    {
        // Learnt by the server before it matters: a debit that must be told twice comes after the next question.
        await _redis.RunAsync(_scripts.Debit, [], [0]);
        var numbers = Gen.Elements(0L, 1, 7, 60, 1000, 12_345, RateLimit.Max);
        var limit = from requests in numbers from tokens in numbers select new RateLimit(requests, tokens);
        var step = from wait in Gen.Choose(-200, 4000)
                   from isDebit in Gen.Elements(true, false, false)
                   from scopes in Gen.Choose(1, 7)
                   from tokens in isDebit ? Gen.Choose(-2000, 3000) : Gen.Choose(0, 300)
                   select new Step(wait, isDebit, scopes, tokens);
        var runs = from sizes in limit.ListOf(3) from steps in step.ListOf(60) select (sizes, steps);
        await Task.Run(() => Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(100), Prop.ForAll(runs.ToArbitrary(), run => AgreeAsync(run.sizes, run.steps))),
            TestContext.Current.CancellationToken);
    }

    private async Task AgreeAsync(IList<RateLimit> limits, IList<Step> steps)
    {
        for (var i = 0; i < 5; i++)
            if (await AgreeUnlessLateAsync(limits, steps)) return;
        Assert.Fail("Redis is too slow on this machine.");
    }

    /// <summary>False when Redis answered too late for a call to wait, as it may on a busy machine: then nothing was compared.</summary>
    private async Task<bool> AgreeUnlessLateAsync(IList<RateLimit> limits, IList<Step> steps)
    {
        var alone = new MemoryRateLimiter(_clock);
        // Debits of the run before may still be on their way, which the flush, on a connection of its own, could overtake.
        await _database.PingAsync();
        await _server.FlushAsync();
        var clock = new StillClock();
        var (memory, shared) = (new MemoryRateLimiter(clock), Limiter(_scripts, alone));
        var all = limits.Select((limit, i) => new RateScope($"user:{i}", limit, $"{i}")).ToList();
        foreach (var step in steps)
        {
            clock.Milliseconds += step.Wait;
            await _database.StringSetAsync("clock", clock.Milliseconds);
            var scopes = all.Where((_, i) => (step.Scopes >> i & 1) == 1).ToList();
            if (step.IsDebit)
            {
                memory.Debit(scopes, step.Tokens);
                shared.Debit(scopes, step.Tokens);
                continue;
            }
            var (here, there) = (await memory.TakeAsync(scopes, step.Tokens), await shared.TakeAsync(scopes, step.Tokens));
            if (there.By != shared || alone.Count > 0) return false;
            Assert.Equal((here.Refused, here.ForTokens, here.Wait), (there.Refused, there.ForTokens, there.Wait));
            Assert.Equal(here.Levels, there.Levels);
        }
        return true;
    }

    [Fact]
    public async Task Every_key_expires_once_its_bucket_is_full_and_bears_the_one_tag()
    {
        var limiter = Limiter(new RateScripts());
        await limiter.TakeAsync([Ann, Ann with { Key = "model:m" }], 0);
        foreach (var key in new[] { "{aipipe}:rate:user:ann", "{aipipe}:rate:model:m" })
            Assert.InRange((await _database.KeyTimeToLiveAsync(key))!.Value, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(120));
    }

    [Fact]
    public async Task The_servers_own_clock_fills_buckets()
    {
        var limiter = Limiter(new RateScripts());
        var fast = Ann with { Key = "user:fast", Limit = new RateLimit(60_000, 0) };
        limiter.Debit([fast], 0);
        Assert.True((await limiter.TakeAsync([fast], 0)).IsTaken);
        // One a millisecond: by the time of the next question it is full again.
        Assert.InRange((await limiter.TakeAsync([fast], 0)).Levels[0].Requests, 1, 2 * RateBucket.Unit);
        var begun = Stopwatch.GetTimestamp();
        Assert.True((await limiter.TakeAsync([Ann], 0)).IsTaken);
        var wait = (await limiter.TakeAsync([Ann], 0)).Wait;
        Assert.InRange(wait, 60_000 - (long)Math.Ceiling(Stopwatch.GetElapsedTime(begun).TotalMilliseconds) - 1, 60_000);
    }

    [Fact]
    public async Task A_server_that_forgot_its_scripts_is_told_them_again()
    {
        var limiter = Limiter(new RateScripts());
        Assert.True((await limiter.TakeAsync([Ann], 0)).IsTaken);
        await _server.ForgetScriptsAsync();
        var take = await limiter.TakeAsync([Ann], 0);
        Assert.Equal((false, limiter), (take.IsTaken, take.By));
    }

    [Fact]
    public async Task While_Redis_is_frozen_only_one_call_a_second_waits_and_the_rest_are_limited_here()
    {
        var limiter = Limiter(new RateScripts());
        Assert.Same(limiter, (await limiter.TakeAsync([Ann], 0)).By);
        await _server.PauseAsync();

        var first = limiter.TakeAsync([Ann], 0).AsTask();
        Assert.NotSame(limiter, (await first.WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken)).By);
        for (var i = 0; i < 1000; i++)
        {
            // Answered before it returns: nobody asks a server that has just failed.
            var next = limiter.TakeAsync([Ann], 0).AsTask();
            Assert.True(next.IsCompleted);
            Assert.False((await next).IsTaken);
        }
        _breakerClock.Milliseconds += 1000;
        var attempt = limiter.TakeAsync([Ann], 0).AsTask();
        Assert.False(attempt.IsCompleted);
        Assert.True(limiter.TakeAsync([Ann], 0).AsTask().IsCompleted);
        Assert.NotSame(limiter, (await attempt).By);

        await _server.ResumeAsync();
        _breakerClock.Milliseconds += 1000;
        Assert.Same(limiter, (await limiter.TakeAsync([Ann], 0)).By);
        Assert.Same(limiter, (await limiter.TakeAsync([Ann], 0)).By);
    }

    [Fact]
    public async Task What_a_call_used_counts_here_when_Redis_cannot_be_told()
    {
        var alone = new MemoryRateLimiter(_clock);
        var limiter = Limiter(new RateScripts(), alone);
        var tokens = Ann with { Limit = new RateLimit(0, 100) };
        var take = await limiter.TakeAsync([tokens], 10);
        await _server.StopAsync();
        take.By.Debit([tokens], 990);
        await Eventually.TrueAsync(() => alone.Count > 0, "what was used being counted here");
        Assert.False((await limiter.TakeAsync([tokens], 1)).IsTaken);
    }

    private RedisRateLimiter Limiter(RateScripts scripts, MemoryRateLimiter? alone = null) => new(
        _redis, alone ?? new MemoryRateLimiter(_clock), scripts, _breakerClock, NullLogger<RedisRateLimiter>.Instance);
}

/// <summary>On <c>redis-server</c>.</summary>
public sealed class RedisRateLimiterTests(RedisFixture redis) : SharedRateLimiterTests(redis), IClassFixture<RedisFixture>;

/// <summary>On Garnet.</summary>
public sealed class GarnetRateLimiterTests(GarnetFixture redis) : SharedRateLimiterTests(redis), IClassFixture<GarnetFixture>;
