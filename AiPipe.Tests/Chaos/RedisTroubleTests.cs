using System.Collections.Concurrent;
using System.Net;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Chaos;

/// <summary>Redis is wiped, forgets its scripts, freezes, and dies, under the load of two replicas.</summary>
public abstract class RedisTroubleScenario(PostgresFixture postgres, RedisFixture redis)
{
    private const int Callers = 12;
    private const int CallsPerPhase = 12;
    /// <summary>A few calls; they spend more.</summary>
    private const string Poor = "poor@example.com";
    private const decimal PoorLimit = 0.01m;
    private const decimal Lease = 0.02m;
    /// <summary>Who waits for a frozen Redis waits longer: the client gives up after five seconds, these replicas after ten.</summary>
    private static readonly TimeSpan WhilePaused = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AfterRefusal = TimeSpan.FromMilliseconds(10);

    private readonly ConcurrentQueue<Tried> _tried = [];
    private Replicas _replicas = null!;

    [Fact]
    public async Task Nothing_is_lost_doubled_or_hung_whatever_happens_to_Redis()
    {
        var server = await redis.NewServerAsync();
        await using var replicas = _replicas = await Replicas.StartAsync(await postgres.NewDatabaseAsync(), server, settings =>
        {
            settings["AiPipe:Budgets:*:Limit"] = "1000";
            settings.AddBudget(Poor, PoorLimit, 7);
            settings["AiPipe:Budgets:OnCounterOutage:Lease"] = "0.02";
        });
        await replicas.JoinedAsync();
        var load = new Load(Callers, CallAsync);

        await load.PhaseAsync(CallsPerPhase);
        await server.FlushAsync();
        await load.PhaseAsync(CallsPerPhase);
        await server.ForgetScriptsAsync();
        await load.PhaseAsync(CallsPerPhase);
        await server.PauseAsync();
        _tried.Clear();
        await load.PhaseAsync(2 * CallsPerPhase);
        var paused = _tried.ToList();
        await server.ResumeAsync();
        await replicas.JoinedAsync();
        await load.PhaseAsync(CallsPerPhase);
        await server.StopAsync();
        await load.PhaseAsync(CallsPerPhase);
        await server.StartAsync();
        await replicas.JoinedAsync();
        _tried.Clear();
        await load.PhaseAsync(CallsPerPhase);
        var recovered = _tried.ToList();
        await load.StopAsync();

        await replicas.AgreeAsync(Enumerable.Range(0, Callers).Select(User).Distinct());
        Assert.InRange(replicas.Bills.TotalOf(Poor), 0.9m * PoorLimit, PoorLimit + 2 * Lease);
        // Every caller waits once, and perhaps once more for the machine; if all calls waited, it were twenty-four of each.
        var took = paused.Select(tried => tried.Took).Order().ToList();
        Assert.InRange(took.Count(time => time > WhilePaused), 0, 2 * Callers);
        Assert.Contains(paused, tried => tried.Status == HttpStatusCode.OK);
        // Whoever has money was served again, without anybody having restarted anything.
        Assert.DoesNotContain(recovered, tried => tried.Code == "counter_unavailable");
        TestContext.Current.SendDiagnosticMessage(
            $"paused: p50 {took[took.Count / 2]}, longest {took[^1]} of {took.Count}; poor {replicas.Bills.TotalOf(Poor)}");
    }

    private static string User(int caller) => caller < 2 ? Poor : $"user{caller / 2}@example.com";

    private async Task CallAsync(int caller, int i)
    {
        var tried = await _replicas.CallAsync(caller % 2, User(caller), streamed: i % 4 == 0).WaitAsync(Eventually.Limit);
        Assert.True(tried.Code is null or "counter_unavailable" or "budget_spent" or "budget_reserved", tried.ToString());
        Assert.True(tried.Code != "counter_unavailable" || tried.RetryAfter > TimeSpan.Zero);
        _tried.Enqueue(tried);
        if (tried.Status != HttpStatusCode.OK) await Task.Delay(AfterRefusal);
    }
}

/// <summary>On <c>redis-server</c>.</summary>
public sealed class RedisTroubleTests(PostgresFixture postgres, RedisFixture redis) : RedisTroubleScenario(postgres, redis),
    IClassFixture<RedisFixture>;

/// <summary>On Garnet.</summary>
public sealed class GarnetTroubleTests(PostgresFixture postgres, GarnetFixture redis) : RedisTroubleScenario(postgres, redis),
    IClassFixture<GarnetFixture>;
