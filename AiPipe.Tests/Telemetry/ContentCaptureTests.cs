using System.Text.Json;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Fixtures.Otlp;

namespace AiPipe.Tests.Telemetry;

/// <summary>Prompts and responses on spans, with <c>AiPipe:Telemetry:CaptureContent</c>.</summary>
public sealed class ContentCaptureTests(ContentCaptureTests.CapturingGateway gateway) : IClassFixture<ContentCaptureTests.CapturingGateway>
{
    private const string Asked = """[{"role":"user","parts":[{"type":"text","content":"Say „Hallo“"}]}]""";
    private const string Said = """[{"role":"assistant","parts":[{"type":"text","content":"Hallo, Welt"}],"finish_reason":"stop"}]""";

    private const string ChatRequest = """{"model":"gpt-4o-mini","stream":STREAM,"messages":[{"role":"user","content":"Say „Hallo“"}]}""";
    private const string ChatReply = """
        {"id":"1","model":"gpt-4o-mini",
        "choices":[{"index":0,"message":{"role":"assistant","content":"Hallo, Welt"},"finish_reason":"stop"}],
        "usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}}
        """;
    private const string ChatEvents = """
        {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}
        {"choices":[{"index":0,"delta":{"content":"Hallo, "}}]}
        {"choices":[{"index":0,"delta":{"content":"Welt"}}]}
        {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}
        {"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}}
        [DONE]
        """;
    private const string CompletionRequest = """{"model":"gpt-3.5-turbo-instruct","prompt":"Say „Hallo“"}""";
    private const string CompletionReply = """
        {"id":"1","model":"gpt-3.5-turbo-instruct","choices":[{"index":0,"text":"Hallo, Welt","finish_reason":"stop"}],
        "usage":{"prompt_tokens":10,"completion_tokens":5}}
        """;
    private const string ResponsesRequest = """{"model":"gpt-4o-mini","stream":STREAM,"instructions":"Be brief","input":"Say „Hallo“"}""";
    private const string Response = """
        {"id":"1","model":"gpt-4o-mini","status":"completed",
        "output":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Hallo, Welt"}]}],
        "usage":{"input_tokens":10,"output_tokens":5,"total_tokens":15}}
        """;
    private const string GeminiRequest =
        """{"systemInstruction":{"parts":[{"text":"Be brief"}]},"contents":[{"role":"user","parts":[{"text":"Say „Hallo“"}]}]}""";
    private const string GeminiUsage = """{"promptTokenCount":10,"candidatesTokenCount":5,"totalTokenCount":15}""";
    private const string GeminiEvents = $$$"""
        {"candidates":[{"content":{"role":"model","parts":[{"text":"Hallo, "}]}}]}
        {"candidates":[{"content":{"role":"model","parts":[{"text":"Welt"}]},"finishReason":"STOP"}],"usageMetadata":{{{GeminiUsage}}}}
        """;

    [Theory]
    [InlineData("/openai/v1/chat/completions", ChatRequest, ChatReply, null)]
    [InlineData("/openai/v1/chat/completions", ChatRequest, null, ChatEvents)]
    [InlineData("/openai/v1/responses", ResponsesRequest, Response, null)]
    [InlineData("/openai/v1/responses", ResponsesRequest, null, """{"type":"response.completed","response":RESPONSE}""")]
    [InlineData("/gemini/models/gemini-2.5-flash:streamGenerateContent?alt=sse", GeminiRequest, null, GeminiEvents)]
    [InlineData("/openai/v1/completions", CompletionRequest, CompletionReply, null)]
    public async Task Span_has_the_conversation(string path, string request, string? reply, string? events)
    {
        gateway.Provider.Answer = async (http, _) =>
        {
            if (reply is not null)
            {
                await Answers.Json(http, reply);
                return;
            }
            await Answers.BeginStream(http);
            var lines = events!.Replace("RESPONSE", Response.ReplaceLineEndings(""), StringComparison.Ordinal).Split('\n');
            foreach (var line in lines) await Answers.Event(http, line);
        };
        var span = await CallAsync(path, request.Replace("STREAM", reply is null ? "true" : "false", StringComparison.Ordinal));

        Assert.Equal((Asked, Said), (span["gen_ai.input.messages"], span["gen_ai.output.messages"]));
        var instructions = request.Contains("brief", StringComparison.Ordinal) ? """[{"type":"text","content":"Be brief"}]""" : null;
        Assert.Equal(instructions, span["gen_ai.system_instructions"]);
        Assert.NotNull(span["aipipe.cost.usd"]);
    }

    [Fact]
    public async Task Long_content_is_cut_and_the_newest_messages_stay()
    {
        var words = string.Concat(Enumerable.Repeat("wörd \\\" ", 20_000));
        gateway.Provider.Answer = (http, _) => Answers.ChatStream(http, 10, 5, [.. Enumerable.Repeat(words[..1000], 100)]);
        var messages = Enumerable.Range(0, 100).Select(i => new { role = "user", content = $"message {i} {words[..800]}" });
        var body = JsonSerializer.Serialize(new { model = "gpt-4o-mini", stream = true, messages });
        var span = await CallAsync("/openai/v1/chat/completions", body);

        foreach (var attribute in (string[])["gen_ai.input.messages", "gen_ai.output.messages"])
            Assert.InRange(System.Text.Encoding.UTF8.GetByteCount((string)span[attribute]!), 16 << 10, 32 << 10);
        var asked = JsonDocument.Parse((string)span["gen_ai.input.messages"]!).RootElement.EnumerateArray().ToList();
        Assert.StartsWith("message 99 ", Content(asked[^1]), StringComparison.Ordinal);
        var said = JsonDocument.Parse((string)span["gen_ai.output.messages"]!).RootElement.EnumerateArray().Single();
        Assert.EndsWith("… (cut)", Content(said), StringComparison.Ordinal);
    }

    private static string Content(JsonElement message) => message.GetProperty("parts")[0].GetProperty("content").GetString()!;

    private async Task<ReceivedSpan> CallAsync(string path, string body)
    {
        var trace = await gateway.CallAsync(GatewayProcess.Post("cleo@example.com", body, path));
        return await gateway.Collector.SpanAsync(
            span => span.TraceId == trace && span["gen_ai.provider.name"] is not null, "the span of the upstream call");
    }

    public sealed class CapturingGateway(PostgresFixture postgres) : ObservedGateway(postgres)
    {
        protected override void Configure(Dictionary<string, string?> settings)
        {
            settings.Remove("REDIS_ADDRESS");
            settings["AiPipe:Telemetry:CaptureContent"] = "true";
        }
    }
}
