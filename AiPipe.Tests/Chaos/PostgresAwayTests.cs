using System.Net;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Chaos;

/// <summary>Postgres goes away under the load of two replicas that count in Redis.</summary>
public sealed class PostgresAwayTests(RedisFixture redis) : IAsyncDisposable, IClassFixture<RedisFixture>
{
    private const int Callers = 8;
    private const int CallsPerPhase = 10;

    private readonly PostgresServer _postgres = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Calls_of_known_users_go_on_and_all_is_written_when_it_is_back(bool paused)
    {
        await _postgres.StartAsync();
        var server = await redis.NewServerAsync();
        await using var replicas =
            await Replicas.StartAsync(await _postgres.NewDatabaseAsync(), server, settings => settings["AiPipe:Budgets:*:Limit"] = "1000");
        await replicas.JoinedAsync();
        for (var caller = 0; caller < Callers; caller++) Assert.Equal(
            HttpStatusCode.OK, (await replicas.CallAsync(caller % 2, User(caller))).Status);
        var load = new Load(Callers, (caller, i) => CallAsync(replicas, caller, i));

        await load.PhaseAsync(CallsPerPhase);
        await (paused ? _postgres.PauseAsync() : _postgres.StopAsync().AsTask());
        await load.PhaseAsync(CallsPerPhase);
        var cold = await replicas.CallAsync(0, "new@example.com").WaitAsync(Eventually.Limit);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "ledger_unavailable"), (cold.Status, cold.Code));
        Assert.True(cold.RetryAfter > TimeSpan.Zero);
        await load.PhaseAsync(CallsPerPhase);
        await (paused ? _postgres.ResumeAsync() : _postgres.StartAsync().AsTask());
        await load.PhaseAsync(CallsPerPhase);
        await load.StopAsync();

        await replicas.AgreeAsync(Enumerable.Range(0, Callers).Select(User));
        Assert.Equal(load.Calls + Callers, replicas.Bills.All.Count);
        await Eventually.TrueAsync(
            async () => (await replicas.CallAsync(1, "new@example.com")).Status == HttpStatusCode.OK, "a new user's call");
    }

    public async ValueTask DisposeAsync() => await _postgres.DisposeAsync();

    private static string User(int caller) => $"user{caller / 2}@example.com";

    private static async Task CallAsync(Replicas replicas, int caller, int i)
    {
        var tried = await replicas.CallAsync(caller % 2, User(caller), streamed: i % 4 == 0).WaitAsync(Eventually.Limit);
        Assert.Equal((HttpStatusCode.OK, null), (tried.Status, tried.Code));
    }
}
