using System.Net;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Chaos;

/// <summary>What two replicas spend while Redis is away, and how they find back to it.</summary>
public abstract class RedisOutageScenario(PostgresFixture postgres, RedisFixture redis)
{
    private protected const string Ann = "ann@example.com";
    /// <summary>Some thirty calls of 500 tokens.</summary>
    private const decimal Limit = 0.01m;
    private const decimal Lease = 0.002m;
    private const int AtOnce = 8;

    private protected RedisFixture Redis => redis;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Outages_cost_at_most_the_lease_of_every_replica_or_nothing(bool leases)
    {
        var server = await redis.NewServerAsync();
        await using var replicas = await StartAsync(server, leases);
        for (var outage = 0; outage < 3; outage++)
        {
            // A third of the money, so that there is some left for the first outage and little for the last.
            await SpendAsync(replicas, calls: 5);
            await server.StopAsync();
            var tried = await SpendAsync(replicas, calls: 30);
            var refused = tried.Where(call => call.Status == HttpStatusCode.ServiceUnavailable).ToList();
            Assert.All(refused, call => Assert.True(call is { Code: "counter_unavailable" } && call.RetryAfter > TimeSpan.Zero));
            if (outage == 0) Assert.NotEmpty(refused);
            if (outage == 0) Assert.Equal(leases, tried.Exists(call => call.Status == HttpStatusCode.OK));
            await server.StartAsync();
            await replicas.JoinedAsync();
            await replicas.AgreeAsync(Ann);
        }
        var last = await SpendAsync(replicas, calls: 60);
        Assert.Contains(last, call => call.Code == "budget_spent");
        await replicas.AgreeAsync(Ann);
        Assert.InRange(replicas.Bills.TotalOf(Ann), 0.9m * Limit, leases ? Limit + replicas.All.Count * Lease : Limit);
    }

    [Fact]
    public async Task Leases_of_outages_that_follow_each_other_do_not_add_up()
    {
        var server = await redis.NewServerAsync();
        await using var replicas = await StartAsync(server, leases: true);
        var open = new List<HttpResponseMessage>();
        for (var outage = 0; outage < 4; outage++)
        {
            // Everybody stays in flight, so Postgres knows of nothing.
            await OpenAllAsync();
            await server.StopAsync();
            await OpenAllAsync();
            await server.StartAsync();
            await replicas.JoinedAsync();
        }
        await Task.WhenAll(open.Select(
            response => replicas.Bills.ReadAsync(response, static _ => ValueTask.FromResult(true), TestContext.Current.CancellationToken)));
        await replicas.AgreeAsync(Ann);
        Assert.InRange(replicas.Bills.TotalOf(Ann), 0.9m * Limit, Limit + replicas.All.Count * Lease);

        async Task OpenAllAsync()
        {
            for (var replica = 0; replica < replicas.All.Count; replica++)
            {
                while (await replicas.All[replica].Http.SendAsync(
                    replicas.Request(replica, Ann, 500, streamed: true),
                        HttpCompletionOption.ResponseHeadersRead) is { StatusCode: HttpStatusCode.OK } response) open.Add(response);
            }
        }
    }

    [Fact]
    public async Task Gateway_that_starts_without_Redis_serves_by_leases_and_joins_later_by_itself()
    {
        var server = await redis.NewServerAsync();
        await server.StopAsync();
        await using var replicas = await StartAsync(server, leases: true);
        var tried = await SpendAsync(replicas, calls: 20);
        Assert.Contains(tried, call => call.Status == HttpStatusCode.OK);
        Assert.Contains(tried, call => call.Code == "counter_unavailable");
        Assert.InRange(replicas.Bills.TotalOf(Ann), Lease, replicas.All.Count * Lease);

        await server.StartAsync();
        await replicas.JoinedAsync();
        await replicas.AgreeAsync(Ann);
        Assert.Equal(HttpStatusCode.OK, (await replicas.CallAsync(0, Ann)).Status);
        await replicas.AgreeAsync(Ann);
    }

    private protected async Task<Replicas> StartAsync(RedisProcess server, bool leases) =>
        await Replicas.StartAsync(await postgres.NewDatabaseAsync(), server, settings =>
    {
        settings.AddBudget(Ann, Limit, 7);
        if (leases) settings["AiPipe:Budgets:OnCounterOutage:Lease"] = "0.002";
        else settings["AiPipe:Budgets:OnCounterOutage"] = "refuse";
    });

    /// <summary>Calls both replicas, some at once.</summary>
    private static async Task<List<Tried>> SpendAsync(Replicas replicas, int calls)
    {
        var tried = new List<Tried>();
        foreach (var wave in Enumerable.Range(0, calls).Chunk(AtOnce))
            tried.AddRange(await Task.WhenAll(wave.Select(i => replicas.CallAsync(i % 2, Ann))).WaitAsync(Eventually.Limit));
        return tried;
    }
}

/// <summary>On <c>redis-server</c>.</summary>
public sealed class RedisOutageTests(PostgresFixture postgres, RedisFixture redis) : RedisOutageScenario(postgres, redis),
    IClassFixture<RedisFixture>
{
    [Fact]
    public async Task Counters_from_an_old_disk_are_not_believed()
    {
        Assert.SkipUnless(RedisProgram.IsRedisInstalled,
            "redis-server is not installed, and Garnet has no snapshot to start from: apt-get install redis-server");
        var server = await Redis.NewServerAsync();
        await using var replicas = await StartAsync(server, leases: false);
        for (var i = 0; i < 4; i++) Assert.Equal(HttpStatusCode.OK, (await replicas.CallAsync(i % 2, Ann)).Status);
        var old = await server.SaveAsync();
        while ((await replicas.CallAsync(0, Ann)).Code != "budget_spent") { }
        await replicas.AgreeAsync(Ann);

        await server.StopAsync();
        await server.StartAsync(old);
        Assert.NotEqual("+none", await server.CommandAsync("TYPE {aipipe}:epoch"));
        // Nothing waits for a joining here: whoever is asked first must not believe it either.
        for (var i = 0; i < 20; i++) Assert.NotEqual(HttpStatusCode.OK, (await replicas.CallAsync(i % 2, Ann)).Status);
        await replicas.JoinedAsync();
        Assert.Equal("budget_spent", (await replicas.CallAsync(1, Ann)).Code);
        await replicas.AgreeAsync(Ann);
    }
}

/// <summary>On Garnet.</summary>
public sealed class GarnetOutageTests(PostgresFixture postgres, GarnetFixture redis) : RedisOutageScenario(postgres, redis),
    IClassFixture<GarnetFixture>;
