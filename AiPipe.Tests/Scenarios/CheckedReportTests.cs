using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Scenarios;

/// <summary>Usage reports that say nothing, that cannot be true, and errors that look like success.</summary>
public sealed class CheckedReportTests(PostgresFixture postgres, SharedGateway shared)
    : GatewayTest(postgres, shared), IClassFixture<SharedGateway>
{
    private const string Chat = "/openai/v1/chat/completions";
    private const string OpenRouter = "/openrouter/v1/chat/completions";
    private const string Responses = "/openai/v1/responses";
    private const string Gemini = "/gemini/models/gemini-2.0-flash:streamGenerateContent?alt=sse";
    private const string Zeros = """{"choices":[],"usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}}""";

    [Theory]
    [InlineData("gpt-4o-mini")]
    [InlineData("o3")]
    public async Task Zeros_after_a_report_do_not_take_it_back(string model)
    {
        Provider.Answer = static (http, _) => StreamAsync(http, Answers.Chunk("Hello"), Answers.UsageChunk(1000, 500), Zeros, "[DONE]");
        var entry = await CallAsync(Chat, Streamed(model));
        Assert.Equal((false, model == "o3" ? 0.006m : 0.00045m), (entry.Estimated, entry.Cost));
    }

    [Theory]
    [InlineData("gpt-4o-mini", Zeros)]
    [InlineData("gpt-4o-mini", """{"choices":[],"usage":{"prompt_tokens":1000,"completion_tokens":0}}""")]
    [InlineData("gpt-4o-mini", """{"choices":[],"usage":{"total_tokens":0}}""")]
    [InlineData("o3", Zeros)]
    [InlineData("o3", """{"choices":[],"usage":{"prompt_tokens":0,"completion_tokens":500}}""")]
    public async Task Zero_where_something_passed_is_no_report(string model, string report)
    {
        Provider.Answer = (http, _) => StreamAsync(http, Answers.Chunk("Hello, this is text."), report, "[DONE]");
        var entry = await CallAsync(Chat, Streamed(model));
        Assert.True(entry.Estimated);
        Assert.Equal(model == "o3", entry.Receipt!.Contains("\"reservation\"", StringComparison.Ordinal));
        // At least the five tokens that were delivered.
        Assert.InRange(entry.Cost, 5 * (model == "o3" ? 8m : 0.6m) / 1_000_000, 0.02m);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(5, true)]
    [InlineData(500, false)]
    public async Task Fewer_tokens_than_the_text_can_have_are_no_report(int output, bool isEstimated)
    {
        var words = string.Concat(Enumerable.Repeat("two words ", 1_000));
        Provider.Answer = (http, _) => StreamAsync(http, Answers.Chunk(words), Answers.UsageChunk(1000, output), "[DONE]");
        var entry = await CallAsync(Chat, Streamed("gpt-4o-mini"));
        Assert.Equal(isEstimated, entry.Estimated);
        // The reservation's thousand tokens are the most that is estimated.
        Assert.InRange(entry.Cost, 0.00045m, 0.00075m);
    }

    [Theory]
    [InlineData("""{"prompt_tokens":1000,"completion_tokens":1000000000000}""", "1000000000000 output")]
    [InlineData("""{"prompt_tokens":1000,"completion_tokens":99999999999999999999}""", "1000000000000 output")]
    [InlineData("""{"prompt_tokens":1e9,"completion_tokens":5}""", "1000000000 input")]
    [InlineData("""{"prompt_tokens":128000,"completion_tokens":128000}""", "128000 output")]
    [InlineData("""{"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":5000000}}""", "5000000 cached")]
    [InlineData("""{"prompt_tokens":10,"completion_tokens":5,"cached_tokens":11}""", "11 cached")]
    [InlineData("""{"prompt_tokens":10,"completion_tokens":5,"completion_tokens_details":{"audio_tokens":900000}}""", "900000 audio")]
    [InlineData("""{"prompt_tokens":10,"completion_tokens":5,"completion_tokens_details":{"reasoning_tokens":6}}""", "6 reasoning")]
    [InlineData("""{"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":{"audio_tokens":70}}""", "70 audio")]
    [InlineData("""{"prompt_tokens":10,"completion_tokens":5,"num_search_queries":1000000}""", "1000000 web searches")]
    public async Task Report_that_cannot_be_true_is_not_charged(string usage, string numbers)
    {
        using var heard = new Overheard("openai");
        Provider.Answer = (http, _) => Answers.Json(http, $$"""
            {"id":"chatcmpl-1","choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}],"usage":{{usage}} }
            """);
        var entry = await CallAsync(Chat, """{"model":"gpt-4o-mini","max_tokens":1000,"messages":[{"role":"user","content":"Hi"}]}""");

        Assert.True(entry.Estimated);
        Assert.Contains("\"reservation\"", entry.Receipt, StringComparison.Ordinal);
        Assert.InRange(entry.Cost, 0.0006m, 0.001m);
        Assert.Contains(Gateway.Logs.Lines, line =>
            line.Contains("openai reported", StringComparison.Ordinal) && line.Contains(numbers, StringComparison.Ordinal));
        Assert.Contains("aipipe.usage.implausible", heard.Speakers.Keys);
    }

    [Theory]
    [InlineData(Chat, "o3", false, """{"error":{"message":"overloaded","type":"server_error"}}""")]
    [InlineData(Chat, "gpt-4o-mini", false, """{"error":"overloaded"}""")]
    [InlineData(Chat, "gpt-4o-mini", false, """{"object":"error","usage":{"prompt_tokens":0,"completion_tokens":0}}""")]
    [InlineData(Chat, "o3", true, """{"error":{"message":"overloaded"}}""")]
    [InlineData(Chat, "gpt-4o-mini", true, """{"choices":[{"delta":{},"finish_reason":"error"}],"error":{"code":502}}""")]
    [InlineData(Responses, "o3", true, """{"type":"response.failed","response":{"error":{"code":"server_error"},"usage":null}}""")]
    [InlineData(Responses, "o3", true, """{"type":"error","code":"server_error","message":"sorry"}""")]
    [InlineData(Responses, "gpt-4o-mini", false, """{"id":"resp_1","status":"failed","output":[],"error":null,"usage":null}""")]
    [InlineData(Gemini, "", true, """{"error":{"code":503,"status":"UNAVAILABLE"}}""")]
    [InlineData(Gemini, "", false, """[{"error":{"code":503,"status":"UNAVAILABLE"}}]""")]
    public async Task Error_with_a_status_of_success_costs_nothing(string path, string model, bool streams, string error)
    {
        Provider.Answer = (http, _) => streams ? StreamAsync(http, error) : Answers.Json(http, error);
        var entry = await CallAsync(path, Request(path, model, streams));
        Assert.Equal((0m, false), (entry.Cost, entry.Estimated));
    }

    [Fact]
    public async Task Event_named_error_costs_nothing()
    {
        Provider.Answer = static async (http, _) =>
        {
            await Answers.BeginStream(http);
            await http.Response.Body.WriteAsync("event: error\ndata: {\"message\":\"overloaded\"}\n\n"u8.ToArray());
        };
        var entry = await CallAsync(Chat, Streamed("o3"));
        Assert.Equal((0m, false), (entry.Cost, entry.Estimated));
    }

    [Theory]
    [InlineData("gpt-4o-mini", false)]
    [InlineData("o3", true)]
    public async Task Output_before_an_error_is_charged(string model, bool isReservation)
    {
        Provider.Answer = static (http, _) => StreamAsync(
            http, Answers.Chunk("Hello, this is text."), """{"error":{"message":"overloaded"}}""");
        var entry = await CallAsync(Chat, Streamed(model));
        Assert.True(entry.Estimated);
        Assert.Equal(isReservation, entry.Receipt!.Contains("\"reservation\"", StringComparison.Ordinal));
        Assert.InRange(entry.Cost, 5 * 0.6m / 1_000_000, 0.02m);
    }

    [Fact]
    public async Task Failed_response_that_reports_usage_is_charged()
    {
        Provider.Answer = static (http, _) => StreamAsync(http,
            """{"type":"response.failed","response":{"error":{"code":"x"},"usage":{"input_tokens":1000,"output_tokens":500} } }""");
        var entry = await CallAsync(Responses, Request(Responses, "gpt-4o-mini", streams: true));
        Assert.Equal((0.00045m, false), (entry.Cost, entry.Estimated));
    }

    [Theory]
    [InlineData(Chat, "gpt-4o-mini", "0", 0.00045)]
    [InlineData(Chat, "gpt-4o-mini", "25", 0.00045)]
    [InlineData(Chat, "gpt-4o-mini", "1e-9", 0.00045)]
    [InlineData(OpenRouter, "openai/gpt-4o-mini", "0.02", 0.02)]
    [InlineData(OpenRouter, "openai/gpt-4o-mini", "2e-5", 0.00002)]
    public async Task Cost_is_believed_only_from_providers_that_bill_it(string path, string model, string cost, double charged)
    {
        Provider.Answer = (http, _) => Answers.Json(
            http, Answers.Chat(1000, 500).Replace("\"prompt_tokens\"", $"\"cost\":{cost},\"prompt_tokens\"", StringComparison.Ordinal));
        var entry = await CallAsync(path, Request(path, model, streams: false));
        Assert.Equal(((decimal)charged, false), (entry.Cost, entry.Estimated));
    }

    [Fact]
    public async Task Gemini_stream_with_a_finish_reason_in_every_event_is_charged_its_last_report()
    {
        string[] events = [GeminiEvent(10), GeminiEvent(200), GeminiEvent(500)];
        Provider.Answer = (http, _) => StreamAsync(http, events);
        using var response = await Gateway.Http.SendAsync(Gateway.Post(Gemini, Request(Gemini, "", streams: true)));

        Assert.Equal(string.Concat(events.Select(static json => $"data: {json}\n\n")), await response.Content.ReadAsStringAsync());
        Assert.Equal(0.0003m, await Gateway.SpentAsync());
    }

    private static string GeminiEvent(int output) => $$"""
        {"candidates":[{"content":{"parts":[{"text":"Hello"}]},"finishReason":"STOP"}],
        "usageMetadata":{"promptTokenCount":1000,"candidatesTokenCount":{{output}},"totalTokenCount":{{1000 + output}} } }
        """.ReplaceLineEndings("");

    private static string Streamed(string model) =>
        $$"""{"model":"{{model}}","max_completion_tokens":1000,"stream":true,"messages":[{"role":"user","content":"Hi"}]}""";

    private static string Request(string path, string model, bool streams) => path switch
    {
        Gemini => """{"contents":[{"parts":[{"text":"Hi"}]}]}""",
        Responses => $$"""{"model":"{{model}}","stream":{{(streams ? "true" : "false")}},"input":"Hi"}""",
        _ => $$"""{"model":"{{model}}","stream":{{(streams ? "true" : "false")}},"messages":[{"role":"user","content":"Hi"}]}""",
    };

    private static async Task StreamAsync(Microsoft.AspNetCore.Http.HttpContext http, params string[] events)
    {
        await Answers.BeginStream(http);
        foreach (var json in events) await Answers.Event(http, json);
    }

    private async Task<LedgerRow> CallAsync(string path, string json)
    {
        using var response = await Gateway.Http.SendAsync(Gateway.Post(path, json));
        await response.Content.ReadAsStringAsync();
        await Eventually.TrueAsync(async () =>
        {
            await Gateway.FlushAsync();
            return (await LedgerRowsAsync()).Count == 1;
        }, "one entry");
        return (await LedgerRowsAsync())[0];
    }
}
