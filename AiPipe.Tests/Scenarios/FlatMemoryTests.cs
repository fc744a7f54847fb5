using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Scenarios;

/// <summary>An hour of calls in some seconds: many users, whole answers and streams, refusals for money and for form, with Redis.</summary>
public sealed class FlatMemoryTests(PostgresFixture postgres, RedisFixture redis) : IClassFixture<RedisFixture>
{
    private const int Calls = 24_000;
    private const int AtOnce = 24;
    private const int Users = 3_000;
    /// <summary>
    /// KiB that compiler and allocator may still add by themselves: a kilobyte and a quarter for each call of the last two thirds, and a
    /// call
    /// that is not forgotten is several. (Of four times as many calls, the last half adds nothing that grows with them.)
    /// </summary>
    private const long Growth = 20 << 10;

    /// <summary>Garbage is collected often and given back, so that what the process holds is what it keeps.</summary>
    private static readonly Dictionary<string, string> Tidy = new()
    {
        ["DOTNET_gcServer"] = "0",
        ["DOTNET_GCgen0size"] = "400000",
        ["DOTNET_GCConserveMemory"] = "9",
    };

    [Fact]
    public async Task Memory_stays_flat()
    {
        await using var provider = await FakeProvider.StartAsync(isForgetful: true);
        provider.Answer = (http, seen) => seen.Text.Contains("\"stream\":true", StringComparison.Ordinal)
            ? Answers.ChatStream(http, 10, 3, "one", "two", "three")
            : Answers.Json(http, Answers.Chat(1000, 500));
        var server = await redis.NewServerAsync();
        var settings = Gateway.Settings(await postgres.NewDatabaseAsync(), provider.Address, Scratch.NewFolder("gateway"));
        settings["REDIS_ADDRESS"] = server.Address;
        settings.AddBudget("poor@example.com", 0, 7);
        await using var gateway = await GatewayProcess.StartAsync(settings, Tidy);

        var held = new List<long>();
        for (var third = 0; third < 3; third++)
        {
            await Parallel.ForAsync(
                0, Calls / 3, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, _) => await CallAsync(gateway, i));
            held.Add(gateway.MemoryKiB());
        }
        TestContext.Current.SendDiagnosticMessage($"KiB held: {string.Join(", ", held)}, peak {gateway.PeakMemoryKiB()}");
        Assert.InRange(held[2] - held[0], long.MinValue, Growth);
    }

    private static async Task CallAsync(GatewayProcess gateway, int i)
    {
        var (user, body, status) = (i % 8) switch
        {
            0 => ("poor@example.com", """{"model":"gpt-4o-mini","max_tokens":500,"messages":[]}""", 429),
            1 => ("ann@example.com", """{"model":"no-such-model","messages":[]}""", 400),
            2 or 3 => ($"user{i % Users}@example.com", """{"model":"gpt-4o-mini","stream":true,"max_tokens":100,"messages":[]}""", 200),
            _ => ($"user{i % Users}@example.com", """{"model":"gpt-4o-mini","max_tokens":500,"messages":[]}""", 200),
        };
        using var request = GatewayProcess.Post(user, body);
        using var response = await gateway.Http.SendAsync(request).WaitAsync(Eventually.Limit);
        Assert.Equal(status, (int)response.StatusCode);
    }
}
