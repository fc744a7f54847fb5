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

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Service_reports_frozen_servers_within_two_seconds_and_is_ready_again_afterwards()
    {
        await using var postgres = new PostgresServer();
        await postgres.StartAsync();
        var redis = await redises.NewServerAsync();
        await using var app = await StartAsync(await postgres.NewDatabaseAsync(), redis.Address);
        await Eventually.TrueAsync(async () => await GetAsync(app, "/health") == HttpStatusCode.OK, "ready");

        await redis.PauseAsync();
        await IsUnhealthyInTimeAsync(app);
        await redis.ResumeAsync();
        await Eventually.TrueAsync(async () => await GetAsync(app, "/health") == HttpStatusCode.OK, "ready with Redis back");

        await postgres.PauseAsync();
        await IsUnhealthyInTimeAsync(app);
        await postgres.ResumeAsync();
        await Eventually.TrueAsync(async () => await GetAsync(app, "/health") == HttpStatusCode.OK, "ready with Postgres back");
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Port=1;Username=u;Password=p;Database=d", null)]
    [InlineData(null, "127.0.0.1:1")]
    public async Task Service_starts_and_is_alive_but_not_ready_while_a_server_does_not_exist(string? postgres, string? redis)
    {
        await using var app = await StartAsync(postgres, redis);
        await IsUnhealthyInTimeAsync(app);
    }

    private static async Task IsUnhealthyInTimeAsync(WebApplication app)
    {
        var fastest = TimeSpan.MaxValue;
        for (var i = 0; i < Tries; i++)
        {
            var begun = Stopwatch.GetTimestamp();
            Assert.Equal(HttpStatusCode.ServiceUnavailable, await GetAsync(app, "/health"));
            var taken = Stopwatch.GetElapsedTime(begun);
            if (taken < fastest) fastest = taken;
        }
        Assert.InRange(fastest, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(app, "/alive"));
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

    private static async Task<HttpStatusCode> GetAsync(WebApplication app, string path)
    {
        using var http = new HttpClient();
        using var response = await http.GetAsync(new Uri(new Uri(app.Urls.Single()), path), Cancellation);
        return response.StatusCode;
    }

    private sealed class Nothing(DbContextOptions<Nothing> options) : DbContext(options);
}
