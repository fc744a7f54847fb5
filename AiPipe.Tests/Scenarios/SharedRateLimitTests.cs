using System.Diagnostics;
using System.Net;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Scenarios;

/// <summary>Two gateways, one Redis.</summary>
public abstract class SharedRateLimitScenario(PostgresFixture postgres, RedisFixture redis) : IAsyncLifetime
{
    private const string Chat = "/openai/v1/chat/completions";
    private const string Hi = """{"model":"gpt-4o-mini","messages":[{"role":"user","content":"hi"}]}""";
    private readonly StillClock _clock = new();
    private const string Bucket = "{aipipe}:rate:user:ann@example.com";
    private RedisProcess _server = null!;
    private Gateway _one = null!;
    private Gateway _other = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await redis.NewServerAsync();
        (_one, _other) = (await StartAsync(), await StartAsync());
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _one.DisposeAsync();
        await _other.DisposeAsync();
    }

    [Fact]
    public async Task Two_gateways_share_one_limit_however_many_ask_at_once()
    {
        var began = Stopwatch.GetTimestamp();
        var calls = Enumerable.Range(0, 40).Select(i => StatusAsync(i % 2 == 0 ? _one : _other));
        var statuses = await Task.WhenAll(calls);
        Assert.DoesNotContain(_one.Logs.Lines.Concat(_other.Logs.Lines), line => line.Contains("not shared", StringComparison.Ordinal));
        // The time is Redis's own: on a busy machine one more passes every six seconds.
        var passed = statuses.Count(status => status == HttpStatusCode.OK);
        Assert.InRange(passed, 10, 10 + (int)(Stopwatch.GetElapsedTime(began).TotalSeconds / 6));
        Assert.Equal(passed, _one.Provider.Seen.Count + _other.Provider.Seen.Count);
        Assert.All(statuses, status => Assert.True(status is HttpStatusCode.OK or HttpStatusCode.TooManyRequests));
    }

    [Fact]
    public async Task Without_Redis_each_limits_by_itself_and_shares_again_when_it_is_back()
    {
        Assert.Equal(HttpStatusCode.OK, await ListAsync(_one));
        await _server.StopAsync();
        for (var i = 0; i < 10; i++) Assert.Equal(HttpStatusCode.OK, await ListAsync(_one));
        Assert.Equal(HttpStatusCode.TooManyRequests, await ListAsync(_one));
        Assert.Equal(HttpStatusCode.OK, await ListAsync(_other));

        await _server.StartAsync();
        // What one takes stands there again, and only it can have put it there.
        foreach (var gateway in (Gateway[])[_one, _other])
        {
            await ThenAsync(async () =>
            {
                await _server.CommandAsync($"DEL {Bucket}");
                return await ListAsync(gateway) == HttpStatusCode.OK && await _server.CommandAsync($"EXISTS {Bucket}") == ":1";
            });
        }
    }

    /// <summary>Redis is asked again a second after it failed.</summary>
    private Task ThenAsync(Func<Task<bool>> isSo) => Eventually.TrueAsync(() =>
    {
        _clock.Milliseconds += 1000;
        return isSo();
    }, "a limit that is shared again");

    private async Task<Gateway> StartAsync() => await Gateway.StartStillAsync(await postgres.NewDatabaseAsync(), settings =>
    {
        settings["REDIS_ADDRESS"] = $"redis://{_server.Address}";
        settings["AiPipe:RateLimits:*:RequestsPerMinute"] = "10";
    }, _clock);

    private static async Task<HttpStatusCode> StatusAsync(Gateway gateway, string email = Gateway.Ann)
    {
        using var response = await gateway.Http.SendAsync(gateway.Post(Chat, Hi, gateway.Token(email)));
        return response.StatusCode;
    }

    /// <summary>A call that costs nothing: what becomes of money without Redis is another matter.</summary>
    private static async Task<HttpStatusCode> ListAsync(Gateway gateway)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/openai/v1/models");
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {gateway.Token()}");
        using var response = await gateway.Http.SendAsync(request);
        return response.StatusCode;
    }
}

/// <summary>On <c>redis-server</c>.</summary>
public sealed class SharedRateLimitTests(PostgresFixture postgres, RedisFixture redis) : SharedRateLimitScenario(postgres, redis),
    IClassFixture<RedisFixture>;

/// <summary>On Garnet.</summary>
public sealed class GarnetSharedRateLimitTests(PostgresFixture postgres, GarnetFixture redis) : SharedRateLimitScenario(postgres, redis),
    IClassFixture<GarnetFixture>;
