using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using AiPipe.Tests.Fixtures;

namespace AiPipe.Tests.Scenarios;

public sealed class AnthropicTests(PostgresFixture postgres, SharedGateway shared)
    : GatewayTest(postgres, shared), IClassFixture<SharedGateway>
{
    private const string Key = "sk-ant-of-ours-0123456789";
    private const string Model = "claude-sonnet-4-5-20250929";

    /// <summary>100 plain, 1,000 cached, 100 and 200 written for 5 minutes and an hour, 50 returned; 3 and 15 USD per million.</summary>
    private const decimal Cost = 0.002925m;

    private const string Usage = """
        {"input_tokens":100,"cache_creation_input_tokens":300,"cache_read_input_tokens":1000,"cache_creation":
        {"ephemeral_5m_input_tokens":100,"ephemeral_1h_input_tokens":200},"output_tokens":50}
        """;

    /// <summary>As Claude Code sends it.</summary>
    private const string Request = $$$"""
        {"model":"{{{Model}}}","messages":[{"role":"user","content":[{"type":"text","text":"<system-reminder>\u00e9</system-reminder>"},
        {"type":"text","text":"hi","cache_control":{"type":"ephemeral","ttl":"1h"}}]}],"system":[{"type":"text",
        "text":"You are Claude Code.","cache_control":{"type":"ephemeral"}}],"tools":[{"name":"Bash","description":"Runs a command","input_schema":{"type":"object",
        "properties":{"type":{"type":"string"}},"additionalProperties":false}}],"metadata":{"user_id":"user_1"},"max_tokens":4000,
        "thinking":{"budget_tokens":2000,"type":"enabled"},"context_management":{"edits":[{"type":"clear_thinking_20251015","keep":"all"}]},
        "temperature":1}
        """;

    protected override void Configure(Dictionary<string, string?> settings)
    {
        settings["AiPipe:Providers:anthropic:BaseUrl"] = settings["AiPipe:Providers:openai:BaseUrl"];
        settings["AiPipe:Providers:anthropic:Keys:0"] = Key;
    }

    [Theory]
    [InlineData("x-api-key", "/anthropic/v1/messages?beta=true", "/v1/messages?beta=true")]
    [InlineData("Authorization", "/anthropic/v1/v1/messages", "/v1/messages")]
    public async Task Call_of_Claude_Code_passes_byte_for_byte_and_is_billed(string header, string path, string target)
    {
        Provider.Answer = static (http, _) => Answers.Json(http, Message(Usage));
        using var response = await SendAsync(path, Request, header);

        Assert.Equal((HttpStatusCode.OK, Message(Usage)), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        var seen = Assert.Single(Provider.Seen);
        Assert.Equal((target, Request), (seen.Target, Encoding.UTF8.GetString(seen.Body)));
        Assert.Equal((Key, "2023-06-01", "claude-code-20250219"),
            (seen.Headers["x-api-key"], seen.Headers["anthropic-version"], seen.Headers["anthropic-beta"]));
        Assert.DoesNotContain("Authorization", seen.Headers.Keys);
        Assert.Equal(Cost, await Gateway.SpentAsync());
    }

    [Fact]
    public async Task Stream_is_billed_by_its_first_and_last_report()
    {
        Provider.Answer = static (http, _) => StreamAsync(http, isWhole: true);
        using var response = await SendAsync("/anthropic/v1/messages", Streaming(Model));

        var text = await response.Content.ReadAsStringAsync();
        Assert.Contains("event: message_stop", text, StringComparison.Ordinal);
        Assert.Equal(Cost, await Gateway.SpentAsync());
    }

    [Fact]
    public async Task Interrupted_stream_is_billed_for_the_input_that_it_reported()
    {
        Provider.Answer = static (http, _) => StreamAsync(http, isWhole: false);
        using var response = await SendAsync("/anthropic/v1/messages", Streaming("claude-3-5-haiku-latest"));
        await response.Content.ReadAsStringAsync();

        // 100 × 0.8 + 1,000 × 0.08 + 100 × 1 + 200 × 1.6, and a few tokens of output at 4.
        Assert.InRange(await Gateway.SpentAsync(), 0.00058m, 0.00062m);
    }

    [Theory]
    [InlineData("""{"type":"web_search_20250305","name":"web_search"}""", "\"max_uses\":")]
    [InlineData("""{"type":"web_search_20250305","name":"web_search","max_uses":2}""", "\"max_uses\":")]
    public async Task Web_searches_are_limited_in_the_tool(string tool, string sent)
    {
        Provider.Answer = static (http, _) => Answers.Json(
            http, Message(Usage[..^1] + ",\"server_tool_use\":{\"web_search_requests\":1}}"));
        using var response = await SendAsync("/anthropic/v1/messages",
            $$"""{"model":"claude-haiku-4-5","max_tokens":100,"messages":[{"role":"user","content":"hi"}],"tools":[{{tool}}]}""");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains(sent, Encoding.UTF8.GetString(Assert.Single(Provider.Seen).Body), StringComparison.Ordinal);
        // A third of the other model's cost, and one search.
        Assert.Equal(Cost / 3 + 0.01m, await Gateway.SpentAsync());
    }

    [Theory]
    [InlineData(""" "mcp_servers":[{"type":"url","url":"https://example.com","name":"x"}] """)]
    [InlineData(""" "container":"container_1" """)]
    [InlineData(""" "speed":"fast" """)]
    [InlineData(""" "tools":[{"type":"code_execution_20250825","name":"code_execution"}] """)]
    [InlineData(""" "tools":[{"type":"web_fetch_20250910","name":"web_fetch"}] """)]
    [InlineData(""" "context_management":{"edits":[{"type":"compact_20260112"}]} """)]
    public async Task What_is_not_metered_is_refused_in_Anthropics_shape(string field)
    {
        using var response = await SendAsync("/anthropic/v1/messages",
            $$"""{"model":"{{Model}}","max_tokens":100,"messages":[{"role":"user","content":"hi"}],{{field}}}""");

        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("error", json.RootElement.GetProperty("type").GetString());
        var error = json.RootElement.GetProperty("error");
        Assert.Equal(("invalid_request_error", "unsupported_field"),
            (error.GetProperty("type").GetString(), error.GetProperty("code").GetString()));
        Assert.Empty(Provider.Seen);
    }

    [Theory]
    [InlineData(429, """{"type":"error","error":{"type":"rate_limit_error","message":"slow down"}}""")]
    [InlineData(529, """{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}""")]
    [InlineData(400, "<html>Bad Request</html>")]
    [InlineData(400, "")]
    public async Task Error_of_the_provider_passes_unchanged_and_is_free(int status, string body)
    {
        Provider.Answer = (http, _) => Answers.Json(http, body, status);
        using var response = await SendAsync("/anthropic/v1/messages", Request);

        Assert.Equal((status, body), ((int)response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.Equal(0, await Gateway.SpentAsync());
    }

    [Fact]
    public async Task Tokens_are_counted_for_free_and_batches_are_refused()
    {
        Provider.Answer = static (http, _) => Answers.Json(http, """{"input_tokens":14}""");
        using var counted = await SendAsync("/anthropic/v1/messages/count_tokens", Request);
        Assert.Equal((HttpStatusCode.OK, 0m), (counted.StatusCode, await Gateway.SpentAsync()));
        using var batch = await SendAsync("/anthropic/v1/messages/batches", """{"requests":[]}""");
        using var files = await SendAsync("/anthropic/v1/files", "{}");
        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden), (batch.StatusCode, files.StatusCode));
        Assert.Single(Provider.Seen);
    }

    [Fact]
    public async Task Estimate_has_a_cost()
    {
        using var response = await SendAsync("/estimate/anthropic/v1/messages", Request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Empty(Provider.Seen);
    }

    private static string Streaming(string model) =>
        $$"""{"model":"{{model}}","max_tokens":1000,"stream":true,"messages":[{"role":"user","content":"hi"}]}""";

    private static string Message(string usage) => $$"""
        {"id":"msg_1","type":"message","role":"assistant","model":"{{Model}}","content":[{"type":"text","text":"Hello"}],
        "stop_reason":"end_turn","stop_sequence":null,"usage":{{usage}}}
        """;

    internal static async Task StreamAsync(Microsoft.AspNetCore.Http.HttpContext http, bool isWhole)
    {
        await Answers.BeginStream(http);
        var events = Encoding.UTF8.GetString(File.ReadAllBytes(
            Path.Combine(AppContext.BaseDirectory, "Apis", "ResponseBody", "messages.fixture.sse")))
            .Replace(",\"server_tool_use\":{\"web_search_requests\":2}", "", StringComparison.Ordinal);
        if (!isWhole) events = events[..events.IndexOf("event: content_block_stop", StringComparison.Ordinal)];
        await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(events), http.RequestAborted);
    }

    private Task<HttpResponseMessage> SendAsync(string path, string json, string header = "x-api-key")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(json, new MediaTypeHeaderValue("application/json")),
        };
        request.Headers.TryAddWithoutValidation(header, header == "x-api-key" ? Gateway.Token() : $"Bearer {Gateway.Token()}");
        request.Headers.Add("anthropic-version", "2023-06-01");
        request.Headers.Add("anthropic-beta", "claude-code-20250219");
        return Gateway.Http.SendAsync(request);
    }
}
