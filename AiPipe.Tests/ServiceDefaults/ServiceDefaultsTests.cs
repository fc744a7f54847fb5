using System.Collections.Concurrent;
using System.Net;
using AiPipe.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using StackExchange.Redis;

namespace AiPipe.Tests.ServiceDefaults;

public sealed class ServiceDefaultsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Traces_metrics_and_logs_reach_the_collector()
    {
        var received = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        await using var collector = await StartAsync(app => app.MapPost("/v1/{signal}", (string signal) => received[signal] = true));
        var app = await StartAsync(app => app.MapGet("/", (ILogger<ServiceDefaultsTests> log) => log.LogInformation("seen")),
            builder => builder.AddServiceDefaults(),
            $"--OTEL_EXPORTER_OTLP_ENDPOINT={collector.Urls.Single()}", "--OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf");
        await using (app)
        {
            Assert.NotNull(app.Services.GetService<TracerProvider>());
            Assert.NotNull(app.Services.GetService<MeterProvider>());
            await GetAsync(app, "/");
        }
        Assert.Equal(["logs", "metrics", "traces"], received.Keys.Order());
    }

    [Fact]
    public async Task Without_a_collector_nothing_listens()
    {
        await using var app = await StartAsync(_ => { }, builder => builder.AddServiceDefaults());
        Assert.Null(app.Services.GetService<TracerProvider>());
    }

    [Fact]
    public async Task Process_is_alive_and_not_ready_while_its_database_is_away()
    {
        await using var app = await StartAsync(app => app.MapDefaultEndpoints(), builder =>
        {
            builder.AddServiceDefaults();
            builder.AddDatabase<Nothing>("aipipe");
        }, "--ConnectionStrings:aipipe=Host=127.0.0.1;Port=1;Username=u;Password=p;Database=d;Timeout=2");
        Assert.Equal(HttpStatusCode.OK, await GetAsync(app, "/alive"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await GetAsync(app, "/health"));
    }

    [Fact]
    public async Task Missing_connection_string_is_named_with_the_way_to_set_it()
    {
        await using var app = await StartAsync(_ => { }, builder => builder.AddDatabase<Nothing>("aipipe"));
        var missing = Assert.Throws<InvalidOperationException>(() => app.Services.CreateScope().ServiceProvider.GetRequiredService<Nothing>().Database.CanConnect());
        Assert.Contains("ConnectionStrings:aipipe", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Process_starts_and_is_not_ready_while_redis_is_away()
    {
        await using var app = await StartAsync(app => app.MapDefaultEndpoints(), builder =>
        {
            builder.AddServiceDefaults();
            builder.AddRedis("redis");
        }, "--ConnectionStrings:redis=127.0.0.1:1,connectTimeout=200");
        Assert.Equal(HttpStatusCode.OK, await GetAsync(app, "/alive"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await GetAsync(app, "/health"));
    }

    [Fact]
    public async Task Missing_redis_is_named_with_the_way_to_set_it()
    {
        await using var app = await StartAsync(_ => { }, builder => builder.AddRedis("redis"));
        var missing = Assert.Throws<InvalidOperationException>(() => app.Services.GetRequiredService<IConnectionMultiplexer>());
        Assert.Contains("ConnectionStrings:redis", missing.Message, StringComparison.Ordinal);
    }

    private static async Task<WebApplication> StartAsync(Action<WebApplication> map, Action<WebApplicationBuilder>? add = null, params string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls", "http://127.0.0.1:0", .. args]);
        builder.Logging.ClearProviders();
        add?.Invoke(builder);
        var app = builder.Build();
        map(app);
        await app.StartAsync(Cancellation);
        return app;
    }

    private static async Task<HttpStatusCode> GetAsync(WebApplication app, string path)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(new Uri(app.Urls.Single()), path), Cancellation);
        return answer.StatusCode;
    }

    private sealed class Nothing(DbContextOptions<Nothing> options) : DbContext(options);
}
