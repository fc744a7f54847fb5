using System.Text;
using System.Text.Json;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace AiPipe.Tests.Scenarios;

/// <summary>A call from the official client to the provider and back, to the last pico-USD.</summary>
public sealed class MeteredCallTests(PostgresFixture postgres, SharedGateway shared) : GatewayTest(postgres, shared),
    IClassFixture<SharedGateway>
{
    /// <summary>1,000 input and 500 output tokens of gpt-4o-mini at 0.15 and 0.6 USD per million.</summary>
    private const decimal Cost = 0.00045m;

    [Fact]
    public async Task Official_client_gets_its_answer_and_the_cost_is_exact()
    {
        var answer = await Gateway.OpenAi().GetChatClient("gpt-4o-mini").CompleteChatAsync("Hi");

        Assert.Equal("Hello", answer.Value.Content[0].Text);
        Assert.Equal(Cost, await Gateway.SpentAsync());
    }

    [Fact]
    public async Task Official_client_streams_and_the_cost_is_the_same()
    {
        Provider.Answer = (http, _) => Answers.ChatStream(http, 1000, 500, "He", "llo");

        var text = new StringBuilder();
        await foreach (var update in Gateway.OpenAi().GetChatClient("gpt-4o-mini").CompleteChatStreamingAsync("Hi"))
            foreach (var part in update.ContentUpdate) text.Append(part.Text);

        Assert.Equal("Hello", text.ToString());
        Assert.Equal(Cost, await Gateway.SpentAsync());
    }

    [Fact]
    public async Task Usage_has_the_shape_of_the_original()
    {
        await Gateway.OpenAi().GetChatClient("gpt-4o-mini").CompleteChatAsync("Hi");

        var usage = await Gateway.GetJsonAsync("/usage");
        Assert.Equal(Gateway.User, usage.GetProperty("email").GetString());
        Assert.Equal(7, usage.GetProperty("days").GetInt32());
        Assert.Equal(1m, usage.GetProperty("limit").GetDecimal());
        var day = Assert.Single(usage.GetProperty("usage").EnumerateArray());
        Assert.Equal(TestClock.UtcToday.ToString("yyyy-MM-dd"), day.GetProperty("date").GetString());
        Assert.Equal(Cost, day.GetProperty("cost").GetDecimal());
        Assert.Equal(0m, usage.GetProperty("held").GetDecimal());
        Assert.Equal(1m - Cost, usage.GetProperty("remaining").GetDecimal());
    }

    [Fact]
    public async Task Provider_sees_our_key_and_nothing_of_the_callers()
    {
        var token = Gateway.Token();
        using var request = Gateway.Post("/openai/v1/chat/completions?key=" + token, """{"model":"gpt-4o-mini","messages":[]}""", token);
        request.Headers.TryAddWithoutValidation("Cookie", "sess=of-the-caller");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", "gzip, br");
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", "198.51.100.7");
        request.Headers.TryAddWithoutValidation("OpenAI-Organization", "org-of-the-caller");
        (await Gateway.Http.SendAsync(request)).EnsureSuccessStatusCode();

        var seen = Assert.Single(Provider.Seen);
        Assert.Equal($"Bearer {Gateway.ProviderKey}", seen.Headers["Authorization"]);
        Assert.DoesNotContain("Cookie", seen.Headers.Keys);
        Assert.DoesNotContain("Accept-Encoding", seen.Headers.Keys);
        Assert.DoesNotContain("X-Forwarded-For", seen.Headers.Keys);
        Assert.DoesNotContain("OpenAI-Organization", seen.Headers.Keys);
        Assert.DoesNotContain(token, seen.Target + string.Join(' ', seen.Headers.Values) + seen.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_does_not_pass_the_providers_cookies_and_account_on()
    {
        Provider.Answer = (http, _) =>
        {
            http.Response.Headers.SetCookie = "__cf_bm=1";
            http.Response.Headers["openai-organization"] = "org-of-ours";
            http.Response.Headers["x-ratelimit-remaining-requests"] = "7";
            http.Response.Headers["x-request-id"] = "req_1";
            return Answers.Json(http, Answers.Chat(1, 1));
        };
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/openai/v1/chat/completions", """{"model":"gpt-4o-mini","messages":[]}"""));

        Assert.Equal("req_1", response.Headers.GetValues("x-request-id").Single());
        Assert.False(response.Headers.Contains("Set-Cookie"));
        Assert.False(response.Headers.Contains("openai-organization"));
        Assert.False(response.Headers.Contains("x-ratelimit-remaining-requests"));
    }

    [Theory]
    [InlineData("""{ "model":"gpt-4o-mini",  "messages":[ ] , "x":1.50, "é":"\u00e9" }""", null)]
    [InlineData("""{"model":"gpt-4o-mini","stream":true,"stream_options":{"include_usage":true}}""", null)]
    [InlineData("""{"model":"gpt-4o-mini","stream":true}""",
        """{"stream_options":{"include_usage":true},"model":"gpt-4o-mini","stream":true}""")]
    [InlineData("""{"stream_options": { } ,"model":"gpt-4o-mini","stream":true}""",
        """{"stream_options": {"include_usage":true } ,"model":"gpt-4o-mini","stream":true}""")]
    [InlineData("""{"stream_options":{"include_obfuscation":false},"model":"gpt-4o-mini","stream":true}""",
        """{"stream_options":{"include_usage":true,"include_obfuscation":false},"model":"gpt-4o-mini","stream":true}""")]
    [InlineData("""{"stream_options":{"include_usage":false},"model":"gpt-4o-mini","stream":true}""",
        """{"stream_options":{"include_usage":true},"model":"gpt-4o-mini","stream":true}""")]
    [InlineData("""{"stream_options":null,"model":"gpt-4o-mini","stream":true}""",
        """{"stream_options":{"include_usage":true},"model":"gpt-4o-mini","stream":true}""")]
    public async Task Body_goes_byte_for_byte_except_where_usage_must_be_asked_for(string sent, string? arrives)
    {
        Provider.Answer = (http, _) => Answers.ChatStream(http, 1, 1, "x");
        (await Gateway.Http.SendAsync(Gateway.Post("/openai/v1/chat/completions", sent))).EnsureSuccessStatusCode();

        Assert.Equal(arrives ?? sent, Assert.Single(Provider.Seen).Text);
    }

    [Fact]
    public async Task Cost_stands_in_the_ledger_with_its_receipt_and_trace()
    {
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/openai/v1/chat/completions", """{"model":"gpt-4o-mini","messages":[]}"""));
        var trace = response.Headers.GetValues("x-trace-id").Single();
        await Gateway.FlushAsync();

        var row = Assert.Single(await LedgerRowsAsync());
        Assert.Equal(Cost, row.Cost);
        Assert.Equal("openai", row.Provider);
        Assert.Equal("gpt-4o-mini", row.Model);
        Assert.Equal(200, row.Status);
        Assert.Equal(trace, row.TraceId);
        Assert.False(row.Estimated);
        Assert.Contains("1000", row.Receipt, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/openai/v1/responses", """{"model":"gpt-4o-mini","input":"Hi"}""",
        """{"id":"resp_1","status":"completed","model":"gpt-4o-mini","output":[],"usage":{"input_tokens":1000,"input_tokens_details":{"cached_tokens":0},"output_tokens":500,"output_tokens_details":{"reasoning_tokens":10}}}""", 0.00045)]
    [InlineData("/openai/v1/completions", """{"model":"gpt-3.5-turbo-instruct","prompt":"Hi"}""",
        """{"id":"cmpl-1","choices":[{"text":"Hello","finish_reason":"stop"}],"usage":{"prompt_tokens":1000,"completion_tokens":500}}""", 0.0025)]
    [InlineData("/openai/v1/embeddings", """{"model":"text-embedding-3-small","input":["king","queen"]}""",
        """{"object":"list","data":[],"usage":{"prompt_tokens":1000,"total_tokens":1000}}""", 0.00002)]
    [InlineData("/gemini/models/gemini-2.0-flash:generateContent", """{"contents":[{"parts":[{"text":"Hi"}]}]}""",
        """{"candidates":[{"content":{"parts":[{"text":"Hello"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1000,"candidatesTokenCount":400,"thoughtsTokenCount":100}}""", 0.0003)]
    [InlineData("/geminiv1beta/models/gemini-2.0-flash:generateContent", """{"contents":[{"parts":[{"text":"Hi"}]}]}""",
        """{"candidates":[],"usageMetadata":{"promptTokenCount":1000,"candidatesTokenCount":500}}""", 0.0003)]
    [InlineData("/openrouter/v1/chat/completions", """{"model":"openai/gpt-4o-mini","messages":[]}""",
        """{"id":"gen-1","choices":[],"usage":{"prompt_tokens":1000,"completion_tokens":500,"cost":0.000123}}""", 0.000123)]
    public async Task Every_api_is_metered_exactly(string path, string body, string answer, double cost)
    {
        Provider.Answer = (http, seen) => seen.Target.EndsWith("/v1/models", StringComparison.Ordinal)
            ? Answers.Json(http, """{"data":[{"id":"openai/gpt-4o-mini","pricing":{"prompt":"0.00000015","completion":"0.0000006"}}]}""")
            : Answers.Json(http, answer);
        using var response = await Gateway.Http.SendAsync(Gateway.Post(path, body));

        Assert.Equal(answer, await response.Content.ReadAsStringAsync());
        Assert.Equal(StatusCodes.Status200OK, (int)response.StatusCode);
        Assert.Equal((decimal)cost, await Gateway.SpentAsync());
    }

    [Fact]
    public async Task Gemini_stream_is_metered_from_its_last_report()
    {
        Provider.Answer = async (http, _) =>
        {
            await Answers.BeginStream(http);
            await Answers.Event(http, """{"candidates":[{"content":{"parts":[{"text":"He"}]}}],"usageMetadata":{"promptTokenCount":1000,"candidatesTokenCount":1}}""");
            await Answers.Event(http, """{"candidates":[{"content":{"parts":[{"text":"llo"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1000,"candidatesTokenCount":500}}""");
        };
        using var response = await Gateway.Http.SendAsync(Gateway.Post(
            "/gemini/models/gemini-2.0-flash:streamGenerateContent?alt=sse", """{"contents":[{"parts":[{"text":"Hi"}]}]}"""));
        await response.Content.ReadAsStringAsync();

        Assert.Equal(0.0003m, await Gateway.SpentAsync());
        await Gateway.FlushAsync();
        Assert.False(Assert.Single(await LedgerRowsAsync()).Estimated);
        var seen = Assert.Single(Provider.Seen);
        Assert.Equal("AIza-of-ours", seen.Headers["x-goog-api-key"]);
        Assert.Equal("/v1beta/models/gemini-2.0-flash:streamGenerateContent?alt=sse", seen.Target);
    }

    [Fact]
    public async Task Models_are_free()
    {
        Provider.Answer = (http, _) => Answers.Json(http, """{"object":"list","data":[]}""");
        var models = await Gateway.GetJsonAsync("/openai/v1/models");

        Assert.Equal(JsonValueKind.Array, models.GetProperty("data").ValueKind);
        Assert.Equal(0m, await Gateway.SpentAsync());
    }
}
