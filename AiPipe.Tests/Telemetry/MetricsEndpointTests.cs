using System.Net;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Fixtures.Otlp;
using AiPipe.Tests.Support;
using static AiPipe.Tests.Telemetry.PrometheusText;

namespace AiPipe.Tests.Telemetry;

/// <summary>Metrics in <c>GET /metrics</c> and in the export to a collector.</summary>
[Collection(nameof(ObservedGateway))]
public sealed class MetricsEndpointTests(ObservedGateway gateway, PostgresFixture postgres)
{
    [Fact]
    public async Task Metrics_are_for_admins_by_default()
    {
        using var anonymous = await gateway.Http.GetAsync("/metrics");
        Assert.Equal((HttpStatusCode.Unauthorized, "token_missing"), (anonymous.StatusCode, await CodeAsync(anonymous)));
        using var user = await gateway.Http.SendAsync(GatewayProcess.Get("dora@example.com", "/metrics"));
        Assert.Equal((HttpStatusCode.Forbidden, "admin_only"), (user.StatusCode, await CodeAsync(user)));
        using var admin = await gateway.Http.SendAsync(GatewayProcess.Get("admin@example.com", "/metrics"));
        Assert.Equal((HttpStatusCode.OK, "text/plain"), (admin.StatusCode, admin.Content.Headers.ContentType?.MediaType));
    }

    [Theory]
    [InlineData("everyone", HttpStatusCode.OK)]
    [InlineData("off", HttpStatusCode.NotFound)]
    public async Task Operator_decides_who_may_read_them(string access, HttpStatusCode status)
    {
        await using var other = await Gateway.StartAsync(
            await postgres.NewDatabaseAsync(), settings => settings["AiPipe:Telemetry:Metrics"] = access);
        using var response = await other.Http.GetAsync("/metrics");
        Assert.Equal(status, response.StatusCode);
    }

    [Fact]
    public async Task Calls_and_refusals_are_counted_and_no_tag_has_text_of_a_caller()
    {
        const string Call = "gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"openai\",gen_ai_request_model=\"gpt-4o-mini\"";
        (string Series, double Added)[] expected =
        [
            ($"aipipe_cost_total{{.*{Call}", 450_000_000),
            ($"gen_ai_client_token_usage_sum{{.*{Call},gen_ai_token_type=\"input\"", 1000),
            ($"gen_ai_client_token_usage_sum{{.*{Call},gen_ai_token_type=\"output\"", 500),
            ($"gen_ai_client_token_usage_bucket{{.*{Call},gen_ai_token_type=\"output\",le=\"1024\"", 1),
            ($"gen_ai_client_operation_duration_seconds_count{{.*{Call}", 1),
            ($"gen_ai_client_operation_time_to_first_chunk_seconds_count{{.*{Call}", 1),
            ("aipipe_refusals_total{.*error_type=\"model_price_unknown\"", 1),
        ];
        gateway.Provider.Answer = static (http, _) => Answers.ChatStream(http, 1000, 500, "Hello");
        // Counting begins with the first scrape.
        var before = await gateway.ScrapeAsync();
        await gateway.CallAsync(Chat("max@example.com", "gpt-4o-mini-2024-07-18"));
        await gateway.CallAsync(Chat("max@example.com", "canary-model"));

        var text = await gateway.ScrapeAsync();
        Assert.Equal(expected, expected.Select(series => (series.Series, Value(text, series.Series) - Value(before, series.Series))));
        Assert.Equal(0, Value(text, "aipipe_dependency_unavailable{.*=\"postgres\""));
        Assert.Equal(0, Value(text, "aipipe_dependency_unavailable{.*=\"redis\""));
        Assert.Equal(2, Lines(text, "aipipe_dependency_unavailable{").Count());
        Assert.DoesNotContain("canary", text, StringComparison.Ordinal);
        Assert.DoesNotContain("max@", text, StringComparison.Ordinal);
        Assert.NotEmpty(Lines(text, "aipipe_journal_size_bytes{"));
        Assert.NotEmpty(Lines(text, "aipipe_ledger_pending{"));
        await Eventually.TrueAsync(async () =>
        {
            text = await gateway.ScrapeAsync();
            return Value(text, "aipipe_ledger_pending{") == 0 && Lines(text, "aipipe_ledger_write_duration_seconds_count{").Any();
        }, "entries in Postgres");
    }

    [Fact]
    public async Task Reservation_counts_while_its_call_is_in_flight()
    {
        var (arrived, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        gateway.Provider.Answer = async (http, _) =>
        {
            arrived.SetResult();
            await go.Task;
            await Answers.Json(http, Answers.Chat(10, 5));
        };
        var call = gateway.CallAsync(Chat("max@example.com", "gpt-4o-mini"));
        await arrived.Task.WaitAsync(Eventually.Limit);
        var text = await gateway.ScrapeAsync();
        Assert.Equal(1, Value(text, "aipipe_reservations{"));
        Assert.InRange(Value(text, "aipipe_reservations_amount{"), 400_000_000, 1_000_000_000_000);
        go.SetResult();
        await call;
        text = await gateway.ScrapeAsync();
        Assert.Equal((0, 0), (Value(text, "aipipe_reservations{"), Value(text, "aipipe_reservations_amount{")));
    }

    [Fact]
    public async Task Outage_of_Redis_is_in_the_metrics_until_it_ends()
    {
        const string Redis = "aipipe_dependency_unavailable{.*aipipe_dependency=\"redis\"";
        await gateway.Redis.StopAsync();
        await Eventually.TrueAsync(async () => Value(await gateway.ScrapeAsync(), Redis) == 1, "the outage in the metrics");
        await gateway.Redis.StartAsync();
        await Eventually.TrueAsync(async () => Value(await gateway.ScrapeAsync(), Redis) == 0, "its end in the metrics");
    }

    [Fact]
    public async Task Collector_receives_them_with_the_buckets_of_the_conventions()
    {
        gateway.Provider.Answer = static (http, _) => Answers.Json(http, Answers.Chat(1000, 500));
        await gateway.CallAsync(Chat("max@example.com", "gpt-4o-mini"));
        // An export between the call's first and its last measurement has some of them only.
        string[] metrics = ["aipipe.cost", "gen_ai.client.operation.duration", "gen_ai.client.token.usage", "http.server.request.duration", "dotnet.gc.collections"];
        await gateway.Collector.WaitUntilAsync(
            receiver => receiver.Points is var points && metrics.All(metric => points.Any(point => point.Metric == metric && point is { Count: > 0 } or { Bounds.Count: 0 })),
            "the metrics of the call");
        var points = gateway.Collector.Points;
        Assert.Equal("{pUSD}", points.Last(static point => point.Metric == "aipipe.cost").Unit);
        Assert.Equal((0.01, 81.92), Ends(points, "gen_ai.client.operation.duration"));
        Assert.Equal((1, 67108864), Ends(points, "gen_ai.client.token.usage"));
        Assert.Equal("s", points.Last(static point => point is { Metric: "http.server.request.duration", Count: > 0 }).Unit);
        Assert.Contains(points, static point =>
            point.Metric == "dotnet.gc.collections" && point.Attributes.ContainsKey("gc.heap.generation"));
    }

    private static HttpRequestMessage Chat(string email, string model) => GatewayProcess.Post(
        email, $$"""{"model":"{{model}}","stream":true,"max_tokens":700,"messages":[{"role":"user","content":"Hi"}]}""");

    private static async Task<string?> CodeAsync(HttpResponseMessage response) =>
        (await response.JsonAsync()).GetProperty("error").GetProperty("code").GetString();

    private static (double First, double Last) Ends(IReadOnlyList<ReceivedPoint> points, string metric)
    {
        var bounds = points.Last(point => point.Metric == metric).Bounds;
        return (bounds[0], bounds[^1]);
    }
}
