using System.Diagnostics;
using System.Net;
using AiPipe.ServiceDefaults;
using AiPipe.Tests.Fixtures.Otlp;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Trace;
using StackExchange.Redis;

namespace AiPipe.Tests.ServiceDefaults;

public sealed class ServiceDefaultsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Traces_metrics_and_logs_reach_the_collector()
    {
        // Other tests of this process may be traced, too: only this path is this test's.
        const string Exported = "/exported";
        await using var collector = await OtlpReceiver.StartAsync();
        string[] settings = [.. collector.Environment.Select(setting => $"--{setting.Key}={setting.Value}")];
        var app = await StartAsync(app => app.MapGet(Exported, (ILogger<ServiceDefaultsTests> log) => log.LogWarning("Cache of {Users} users is full.", 12)),
            builder => builder.AddServiceDefaults(), settings);
        await using (app) await GetAsync(app, Exported);

        var span = await collector.SpanAsync(span => span.Name == $"GET {Exported}", "the server span");
        Assert.Equal(ActivityKind.Server, span.Kind);
        Assert.Equal("GET", span["http.request.method"]);
        Assert.Equal(200L, span["http.response.status_code"]);
        Assert.False(span.IsError);
        Assert.InRange(span.EndedAt - span.StartedAt, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        Assert.NotEqual("", span.Service);
        var client = await collector.SpanAsync(client => client.SpanId == span.ParentId, "the span of this process's HttpClient");
        Assert.Equal((ActivityKind.Client, ""), (client.Kind, client.ParentId));
        await collector.WaitUntilAsync(receiver => receiver.Logs.Any(log => log.TraceId == span.TraceId), "the log");
        var log = Assert.Single(collector.Logs, log => log.TraceId == span.TraceId);
        Assert.Equal((typeof(ServiceDefaultsTests).FullName, "Warning", span.SpanId), (log.Scope, log.Severity, log.SpanId));
        Assert.Equal(12L, log.Attributes["Users"]);
        await collector.WaitUntilAsync(receiver => receiver.Points.Any(IsDuration), "the server's metrics");
        var duration = collector.Points.Last(IsDuration);
        Assert.Equal(("s", 1L), (duration.Unit, duration.Count));
        Assert.InRange(duration.Value, 0, 60);
        Assert.Contains(0.005, duration.Bounds);
        Assert.Contains(collector.Points, point => point.Metric == "dotnet.gc.collections" && point.Attributes.ContainsKey("gc.heap.generation"));

        static bool IsDuration(ReceivedPoint point) =>
            point.Metric == "http.server.request.duration" && point.Attributes.GetValueOrDefault("http.route") is Exported;
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
