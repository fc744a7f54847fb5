using System.Diagnostics;
using System.Net;
using AiPipe.ServiceDefaults;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace AiPipe.Tests.ServiceDefaults;

/// <summary><c>/health</c> and <c>/alive</c>, with servers that respond, are frozen or do not exist.</summary>
public sealed class HealthTests(RedisFixture redises) : IClassFixture<RedisFixture>
{
    /// <summary>The fastest of several requests shows how long the service takes, even on a busy machine.</summary>
    private const int Tries = 3;

    private static readonly (HttpStatusCode, string) Healthy = (HttpStatusCode.OK, "Healthy");
    /// <summary>Calls go on, so the service stays in rotation.</summary>
    private static readonly (HttpStatusCode, string) Degraded = (HttpStatusCode.OK, "Degraded");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Service_is_degraded_within_two_seconds_while_a_server_is_frozen()
    {
        await using var postgres = new PostgresServer();
        await postgres.StartAsync();
        var redis = await redises.NewServerAsync();
        await using var app = await StartAsync(await postgres.NewDatabaseAsync(), redis.Address);
        await Eventually.TrueAsync(async () => await GetAsync(app, "/health") == Healthy, "ready");

        await redis.PauseAsync();
        await RespondsInTimeAsync(app, Degraded);
        await redis.ResumeAsync();
        await Eventually.TrueAsync(async () => await GetAsync(app, "/health") == Healthy, "ready with Redis back");

        await postgres.PauseAsync();
        await RespondsInTimeAsync(app, Degraded);
        await postgres.ResumeAsync();
        await Eventually.TrueAsync(async () => await GetAsync(app, "/health") == Healthy, "ready with Postgres back");
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Port=1;Username=u;Password=p;Database=d", null)]
    [InlineData(null, "127.0.0.1:1")]
    public async Task Service_starts_and_is_alive_but_not_ready_while_a_server_does_not_exist(string? postgres, string? redis)
    {
        await using var app = await StartAsync(postgres, redis);
        await RespondsInTimeAsync(app, (HttpStatusCode.ServiceUnavailable, "Unhealthy"));
    }

    private static async Task RespondsInTimeAsync(WebApplication app, (HttpStatusCode, string) expected)
    {
        var fastest = TimeSpan.MaxValue;
        for (var i = 0; i < Tries; i++)
        {
            var begun = Stopwatch.GetTimestamp();
            Assert.Equal(expected, await GetAsync(app, "/health"));
            var taken = Stopwatch.GetElapsedTime(begun);
            if (taken < fastest) fastest = taken;
        }
        Assert.InRange(fastest, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        Assert.Equal(Healthy, await GetAsync(app, "/alive"));
    }

    private static async Task<WebApplication> StartAsync(string? postgres, string? redis)
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls", "http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        builder.AddServiceDefaults();
        builder.Configuration["ConnectionStrings:aipipe"] = postgres;
        builder.Configuration["ConnectionStrings:redis"] = redis;
        if (postgres is not null) builder.AddDatabase<Nothing>("aipipe");
        if (redis is not null) builder.AddRedis("redis");
        var app = builder.Build();
        app.MapDefaultEndpoints();
        await app.StartAsync(Cancellation);
        return app;
    }

    private static async Task<(HttpStatusCode Status, string Body)> GetAsync(WebApplication app, string path)
    {
        using var http = new HttpClient();
        using var response = await http.GetAsync(new Uri(new Uri(app.Urls.Single()), path), Cancellation);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation));
    }

    private sealed class Nothing(DbContextOptions<Nothing> options) : DbContext(options);
}
