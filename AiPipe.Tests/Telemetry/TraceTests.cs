using System.Diagnostics;
using System.Text;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Fixtures.Otlp;

namespace AiPipe.Tests.Telemetry;

/// <summary>The spans and logs that a collector receives for the calls of a gateway.</summary>
[Collection(nameof(ObservedGateway))]
public sealed class TraceTests(ObservedGateway gateway)
{
    private const string Prompt = "canary-in-the-prompt";
    private const string Reply = "canary-in-the-reply";

    private static readonly string[] HttpAttributes =
    [
        "http.request.method", "http.response.status_code", "http.route", "network.protocol.version",
        "server.address", "server.port", "url.path", "url.scheme",
    ];

    private OtlpReceiver Collector => gateway.Collector;

    [Fact]
    public async Task One_call_is_one_trace_to_which_its_group_write_links()
    {
        gateway.Provider.Answer = static (http, _) =>
            Answers.Json(http, Answers.Chat(1000, 500).Replace("Hello", Reply, StringComparison.Ordinal));
        var trace = await gateway.CallAsync(Chat("dora@example.com"));

        var server = await ServerAsync(trace);
        Assert.Equal(("POST /{provider}/{**path}", "", false), (server.Name, server.ParentId, server.IsError));
        Assert.Equal(HttpAttributes, server.Attributes.Keys.Order(StringComparer.Ordinal));
        await Collector.WaitUntilAsync(_ => Below(server).Count >= 4, "the spans of all stages");
        Assert.Equal(["authenticate", "reserve", "chat gpt-4o-mini", "settle"], Below(server).Select(span => span.Name));
        Assert.All(Below(server), static span => Assert.False(span.IsError));
        var (reserve, upstream, settle) = (Below(server)[1], Below(server)[2], Below(server)[3]);
        Assert.InRange((double)reserve["aipipe.reservation.usd"]!, 0.0004, 0.001);
        IsUpstream(upstream);
        Assert.InRange(settle.StartedAt, upstream.StartedAt, upstream.EndedAt);

        var write = await Collector.SpanAsync(
            span => span.Links.Contains(new(trace, settle.SpanId)), "a group write with a link to the settlement");
        Assert.Equal(("write ledger", ""), (write.Name, write.ParentId));
        Assert.True((long)write["aipipe.ledger.entries"]! >= write.Links.Count);
        await Collector.SpanAsync(
            span => span.ParentId == write.SpanId && span["db.system.name"] is "postgresql", "the statement of the group write");
    }

    [Fact]
    public async Task Neither_probes_nor_the_start_nor_polling_are_traced()
    {
        gateway.Provider.Answer = static (http, _) => Answers.Json(http, Answers.Chat(1000, 500));
        var probes = new List<string>();
        foreach (var path in (string[])["/health", "/alive", "/metrics"])
            probes.Add(await gateway.CallAsync(GatewayProcess.Get("admin@example.com", path)));
        var trace = await gateway.CallAsync(Chat("dora@example.com"));

        var server = await ServerAsync(trace);
        await Collector.WaitUntilAsync(_ => Below(server).Count >= 4, "the spans of all stages");
        // The Redis client exports its spans every ten seconds.
        foreach (var stage in Below(server).Where(static span => span.Name is "reserve" or "settle"))
        {
            await Collector.SpanAsync(
                span => span.ParentId == stage.SpanId && span["db.system"] is "redis", $"a Redis command of {stage.Name}");
        }
        Assert.Empty(probes.SelectMany(Collector.TraceOf));
        // The start, heartbeats and polling create no traces.
        Assert.All(Collector.Spans, static span =>
            Assert.True(span.ParentId.Length > 0 || span.Kind == ActivityKind.Server || span.Name == "write ledger", span.Name));
    }

    [Theory]
    [InlineData("/openai/v1/chat/completions", null, "token_missing", "authenticate")]
    [InlineData("/openai/v1/chat/completions", "spent@example.com", "budget_spent", null)]
    [InlineData("/groq/v1/chat/completions", "dora@example.com", "provider_not_configured", null)]
    [InlineData("/nothing/v1/chat/completions", "dora@example.com", "unknown_provider", null)]
    public async Task Error_code_of_a_refusal_is_on_the_server_span_and_on_its_stage(string path, string? user, string code, string? stage)
    {
        var request = Chat(user ?? "dora@example.com", path);
        if (user is null) request.Headers.Authorization = null;
        var trace = await gateway.CallAsync(request);

        var server = await ServerAsync(trace);
        Assert.Equal(code, server["error.type"]);
        var spans = Collector.TraceOf(trace);
        Assert.DoesNotContain(spans, static span => span.Kind == ActivityKind.Client && span["gen_ai.provider.name"] is not null);
        var refused = spans.SingleOrDefault(span => span.IsError && span.Kind == ActivityKind.Internal && code.Equals(span["error.type"]));
        Assert.Equal(stage, refused?.Name);
    }

    [Fact]
    public async Task Each_key_that_is_tried_has_a_span_with_its_error()
    {
        var tried = 0;
        gateway.Provider.Answer = (http, _) => ++tried == 1
            ? Answers.Json(http, """{"error":{"message":"no"}}""", 401)
            : Answers.Json(http, Answers.Chat(10, 5));
        var trace = await gateway.CallAsync(Chat("dora@example.com"));

        var server = await ServerAsync(trace);
        var upstream = Below(server).Where(span => span.Kind == ActivityKind.Client).ToList();
        Assert.Equal([(true, "401"), (false, null)], upstream.Select(span => (span.IsError, (string?)span["error.type"])));
        var settled = Below(server).FindAll(static span => span.Name == "settle");
        Assert.Equal([false, true], upstream.Select(attempt =>
            settled.Exists(span => span.StartedAt >= attempt.StartedAt && span.EndedAt <= attempt.EndedAt)));
    }

    [Fact]
    public async Task Error_of_a_failed_call_is_on_its_span_and_in_a_structured_log_with_the_trace_id()
    {
        gateway.Provider.Answer = static (http, _) =>
        {
            http.Abort();
            return Task.CompletedTask;
        };
        var trace = await gateway.CallAsync(Chat("dora@example.com"));

        var server = await ServerAsync(trace);
        Assert.Equal((true, "upstream_broken"), (server.IsError, server["error.type"]));
        var upstream = Assert.Single(Below(server), static span => span.Kind == ActivityKind.Client);
        Assert.Equal((true, "upstream_broken"), (upstream.IsError, upstream["error.type"]));
        await Collector.WaitUntilAsync(receiver => receiver.Logs.Any(log => log.TraceId == trace), "a log of the failed call");
        var log = Collector.Logs.First(log => log.TraceId == trace);
        Assert.Contains(Collector.TraceOf(trace), span => span.SpanId == log.SpanId);
        Assert.Equal(("Warning", "AiPipe.Proxy"), (log.Severity, log.Service));
        Assert.Contains("{OriginalFormat}", log.Attributes.Keys);
        Assert.DoesNotContain("{", log.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failed_call_with_BYOK_has_a_span_with_its_status()
    {
        gateway.Provider.Answer = static (http, _) => Answers.Json(http, """{"error":{"message":"no"}}""", 429);
        var request = Chat("dora@example.com");
        request.Headers.Authorization = new("Bearer", "sk-of-the-caller");
        var trace = await gateway.CallAsync(request);

        await ServerAsync(trace);
        var upstream = Assert.Single(Collector.TraceOf(trace), static span => span["gen_ai.provider.name"] is not null);
        Assert.Equal((true, "429", 429L), (upstream.IsError, upstream["error.type"], upstream["http.response.status_code"]));
    }

    [Fact]
    public async Task Built_in_provider_has_no_server_address()
    {
        const string Hi = """{"model":"demo","messages":[{"role":"user","content":"Hi"}]}""";
        var trace = await gateway.CallAsync(Chat("dora@example.com", "/demo/v1/chat/completions", Hi));

        await ServerAsync(trace);
        var upstream = Assert.Single(Collector.TraceOf(trace), static span => span["gen_ai.provider.name"] is "aipipe.demo");
        Assert.Equal((false, 200L), (upstream.IsError, upstream["http.response.status_code"]));
        Assert.Equal((null, null), (upstream["server.address"], upstream["server.port"]));
    }

    [Fact]
    public async Task Exported_telemetry_has_no_user_no_content_and_no_key()
    {
        gateway.Provider.Answer = static (http, _) => Answers.ChatStream(http, 10, 5, Reply, "rest");
        const string Content = """{"model":"gpt-4o-mini","stream":true,"messages":[{"role":"user","content":"canary-in-the-prompt"}]}""";
        var stream = Chat("secretive@example.com", content: Content);
        var token = stream.Headers.Authorization!.Parameter!;
        await ServerAsync(await gateway.CallAsync(stream));
        var models = await ServerAsync(await gateway.CallAsync(new HttpRequestMessage(HttpMethod.Get, $"/gemini/models?key={token}")));
        Assert.Equal("/gemini/models", models["url.path"]);
        var secretPath = new HttpRequestMessage(HttpMethod.Post, $"/{ObservedGateway.AccessToken}/register/janlay");
        Assert.Equal("/ACCESS_TOKEN/register/janlay", (await ServerAsync(await gateway.CallAsync(secretPath)))["url.path"]);

        string[] secrets =
            ["secretive@", Prompt, Reply, token, Gateway.ProviderKey, "sk-second-key", Gateway.Secret, ObservedGateway.AccessToken];
        foreach (var body in Collector.Bodies.Select(Encoding.Latin1.GetString))
            Assert.DoesNotContain(secrets, secret => body.Contains(secret, StringComparison.Ordinal));
    }

    private static void IsUpstream(ReceivedSpan span)
    {
        Assert.Equal(ActivityKind.Client, span.Kind);
        Assert.Equal(("chat", "openai"), (span["gen_ai.operation.name"], span["gen_ai.provider.name"]));
        Assert.Equal(("gpt-4o-mini", false), (span["gen_ai.request.model"], span["gen_ai.request.stream"]));
        Assert.Equal((700L, "127.0.0.1"), (span["gen_ai.request.max_tokens"], span["server.address"]));
        Assert.Equal(("chatcmpl-1", "gpt-4o-mini-2024-07-18"), (span["gen_ai.response.id"], span["gen_ai.response.model"]));
        Assert.Equal(["stop"], (List<object?>)span["gen_ai.response.finish_reasons"]!);
        Assert.Equal((1000L, 500L), (span["gen_ai.usage.input_tokens"], span["gen_ai.usage.output_tokens"]));
        Assert.Equal((0.00045, false, 200L), (span["aipipe.cost.usd"], span["aipipe.cost.estimated"], span["http.response.status_code"]));
        Assert.Null(span["gen_ai.response.time_to_first_chunk"]);
    }

    private Task<ReceivedSpan> ServerAsync(string trace) =>
        Collector.SpanAsync(span => span.TraceId == trace && span.Kind == ActivityKind.Server, "the server span");

    /// <summary>The gateway's own children of a span, in order of their start.</summary>
    private List<ReceivedSpan> Below(ReceivedSpan parent) =>
        [.. Collector.TraceOf(parent.TraceId).Where(span => span.ParentId == parent.SpanId && span.Scope == "AiPipe")];

    private static HttpRequestMessage Chat(string email, string path = "/openai/v1/chat/completions", string? content = null)
    {
        const string Default = $$"""{"model":"gpt-4o-mini","max_tokens":700,"messages":[{"role":"user","content":"{{Prompt}}"}]}""";
        return GatewayProcess.Post(email, content ?? Default, path);
    }
}
