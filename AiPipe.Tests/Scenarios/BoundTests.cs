using System.Net;
using System.Text.Json;
using AiPipe.Tests.Apis.RequestBody;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Scenarios;

/// <summary>A bound is what a call can really cost: small budgets work, and what does not fit says so.</summary>
public sealed class BoundTests(PostgresFixture postgres, SharedGateway shared) : GatewayTest(postgres, shared), IClassFixture<SharedGateway>
{
    private const string Chat = "/openai/v1/chat/completions";
    private const string Responses = "/openai/v1/responses";
    private const string Gemini = "/gemini/models/gemini-2.5-flash:generateContent";
    private const string OpenRouter = "/openrouter/v1/chat/completions";

    /// <summary>A person with $0.10.</summary>
    private readonly string _small = $"user-{Guid.CreateVersion7():N}@small.example";

    protected override void Configure(Dictionary<string, string?> settings)
    {
        settings.AddBudget("@small.example", 0.1m, days: 7);
        settings.AddBudget("@rich.example", 10m, days: 7);
        settings.AddBudget("@tiny.example", 0.005m, days: 7);
        settings["AiPipe:Providers:mine:BaseUrl"] = settings["AiPipe:Providers:openai:BaseUrl"];
        settings["AiPipe:Providers:mine:Keys:0"] = "k";
        foreach (var model in (string[])["own", "stated"])
        {
            settings[$"AiPipe:Prices:mine:{model}:Input"] = "1";
            settings[$"AiPipe:Prices:mine:{model}:Output"] = "2";
        }
        settings["AiPipe:Prices:mine:stated:MaxOutputTokens"] = "2000";
        settings["AiPipe:Prices:openrouter:a/thinking:Input"] = "1";
        settings["AiPipe:Prices:openrouter:a/thinking:Output"] = "2";
        settings["AiPipe:Prices:openrouter:a/thinking:MaxOutputTokens"] = "32000";
    }

    public static TheoryData<string, string> WhatFits => new()
    {
        { Chat, Picture("gpt-4o", Data("image/png", Pictures.Png(1024, 1024))) },
        { Chat, Picture("gpt-4o", Data("image/jpeg", Pictures.Jpeg(4000, 3000, metadata: 20_000))) },
        { Chat, Picture("gpt-4o", "https://x.example/a.png") },
        { Chat, Picture("gpt-4o-mini", Data("image/webp", Pictures.WebP(800, 600))) },
        { Chat, Picture("gpt-5", Data("image/gif", Pictures.Gif(800, 600))) },
        { Responses, $$"""{"model":"gpt-4.1","input":[{"role":"user","content":[{"type":"input_image","image_url":"{{Data("image/png", Pictures.Png(2000, 2000))}}"}]}]}""" },
        { Chat, $$$"""{"model":"gpt-4o","messages":[{"role":"user","content":[{"type":"file","file":{"filename":"a.pdf","file_data":"{{{Data("application/pdf", Pdf)}}}"}}]}]}""" },
        { Responses, $$"""{"model":"gpt-5-mini","input":[{"role":"user","content":[{"type":"input_file","filename":"a.pdf","file_data":"{{Data("application/pdf", Pdf)}}"}]}]}""" },
        { Gemini, $$$"""{"contents":[{"parts":[{"inlineData":{"mimeType":"application/pdf","data":"{{{Convert.ToBase64String(Pdf)}}}"}}]}]}""" },
        { Gemini, $$$"""{"contents":[{"parts":[{"inlineData":{"mimeType":"image/png","data":"{{{Convert.ToBase64String(Pictures.Png(3000, 3000))}}}"}}]}]}""" },
        { Responses, """{"model":"gpt-5-mini","input":"Who won?","tools":[{"type":"web_search"}]}""" },
        { Responses, """{"model":"gpt-4o-mini","input":"Who won?","tools":[{"type":"web_search_preview"}],"max_tool_calls":25}""" },
        { Chat, """{"model":"gpt-4o-search-preview","web_search_options":{},"messages":[{"role":"user","content":"Who won?"}]}""" },
    };

    [Theory]
    [MemberData(nameof(WhatFits), DisableDiscoveryEnumeration = true)]
    public async Task Ten_cents_are_enough(string path, string body)
    {
        using var response = await CallAsync(path, body);
        Assert.True(response.StatusCode == HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        Assert.Single(Provider.Seen);
    }

    [Theory]
    [InlineData("""{"model":"gpt-5-mini","input":"?","tools":[{"type":"web_search"}]}""", 0.1, 1)]
    [InlineData("""{"model":"gpt-5-mini","input":"?","tools":[{"type":"web_search"}],"max_tool_calls":9}""", 0.1, 1)]
    [InlineData("""{"model":"gpt-4o-mini","input":"?","tools":[{"type":"web_search"}],"max_tool_calls":9}""", 0.1, 1)]
    [InlineData("""{"model":"gpt-5-mini","input":"?","tools":[{"type":"web_search"}]}""", 10, 3)]
    [InlineData("""{"model":"gpt-5-mini","input":"?","tools":[{"type":"web_search"}],"max_tool_calls":9}""", 10, 9)]
    public async Task As_many_searches_are_allowed_as_the_budget_pays_for(string body, double budget, int searches)
    {
        using var response = await CallAsync(Responses, body, budget < 1 ? _small : Rich());
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(searches, SentBody().GetProperty("max_tool_calls").GetInt32());
    }

    [Fact]
    public async Task An_earlier_response_counts_as_what_it_used()
    {
        Provider.Answer = (http, _) => Answers.Json(http,
            """{"id":"resp_of_mine","object":"response","model":"gpt-4o","status":"completed","output":[],"usage":{"input_tokens":3000,"output_tokens":500,"total_tokens":3500}}""");
        using var first = await CallAsync(Responses, """{"model":"gpt-4o","input":"Hi","max_output_tokens":600}""");
        using var next = await CallAsync(
            Responses, """{"model":"gpt-4o","input":"And?","max_output_tokens":600,"previous_response_id":"resp_of_mine"}""");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (first.StatusCode, next.StatusCode));
        Assert.Equal("resp_of_mine", SentBody().GetProperty("previous_response_id").GetString());
    }

    [Theory]
    [InlineData(Gemini, """{"contents":[{"parts":[{"fileData":{"fileUri":"https://x.example/a.mp4"}}]}]}""", 1.05)]
    [InlineData(Gemini, """{"contents":[],"systemInstruction":{"parts":[{"fileData":{"fileUri":"https://x.example/a.mp4"}}]}}""", 1.05)]
    [InlineData(Responses, """{"model":"gpt-4o","input":"x","prompt":{"id":"pmpt_1"}}""", 0.32)]
    [InlineData(Chat, """{"model":"gpt-4o","messages":[{"role":"user","content":"TEXT"}]}""", 0.5)]
    [InlineData(Chat, """{"model":"gpt-4o","messages":[],"prediction":{"type":"content","content":"TEXT"}}""", 2.5)]
    [InlineData(Chat, """{"model":"gpt-4o","messages":[{"role":"user","content":[PICTURES]}]}""", 0.33)]
    public async Task A_request_that_is_too_large_says_what_it_can_cost_and_what_is_left(string path, string body, double cost)
    {
        body = body.Replace("TEXT", new string('x', 200_000), StringComparison.Ordinal).Replace("PICTURES",
            string.Join(',', Enumerable.Repeat("""{"type":"image_url","image_url":{"url":"https://x.example/a.png"}}""", 99)), StringComparison.Ordinal);
        using var response = await CallAsync(path, body);
        var json = await response.JsonAsync();
        var (error, message) = (json.GetProperty("error"), json.GetProperty("message").GetString()!);
        var detail = path == Gemini ? error.GetProperty("details")[0] : error;
        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal("reservation_too_large", detail.GetProperty(path == Gemini ? "reason" : "code").GetString());
        Assert.StartsWith(FormattableString.Invariant($"This request can cost up to ${cost:0.00}; $0.10 is left. "), message,
            StringComparison.Ordinal);
        Assert.InRange(detail.GetProperty("max_cost").GetDecimal(), (decimal)cost - 0.005m, (decimal)cost + 0.005m);
        Assert.Equal(0.1m, detail.GetProperty("remaining").GetDecimal());
        Assert.Null(response.Headers.RetryAfter);
        Assert.Equal("false", response.Headers.GetValues("x-should-retry").Single());
        Assert.Empty(Provider.Seen);
    }

    [Fact]
    public async Task What_fits_an_unspent_budget_is_refused_as_spent_when_nearly_nothing_is_left()
    {
        const string Large = """{"model":"gpt-4o","max_tokens":9998,"messages":[]}""";
        Provider.Answer = (http, _) => Answers.Json(http, Answers.Chat(1, 9_998, "gpt-4o"));
        using var most = await CallAsync(Chat, Large);
        const string Text = """{"model":"gpt-4o-mini","max_tokens":1,"messages":[{"role":"user","content":"This is more than what is left of ten cents"}]}""";
        using var refused = await CallAsync(Chat, Text);
        Assert.Equal((HttpStatusCode.OK, "budget_spent"), (most.StatusCode, await refused.CodeAsync()));
    }

    [Theory]
    [InlineData("/mine/v1/chat/completions", "own", true, null)]
    [InlineData("/mine/v1/chat/completions", "own", false, 4_096L)]
    [InlineData("/mine/v1/chat/completions", "stated", true, null)]
    [InlineData("/mine/v1/chat/completions", "stated", false, 1_000L)]
    [InlineData(Chat, "ft:gpt-4o-2024-08-06:school::x", true, null)]
    [InlineData(Chat, "gpt-4o-audio-preview", true, null)]
    [InlineData(Chat, "gpt-4o-search-preview", true, null)]
    public async Task A_limit_is_added_only_if_the_budget_demands_it(string path, string model, bool rich, long? most)
    {
        var tiny = $"user-{Guid.CreateVersion7():N}@{(model == "own" ? "small" : "tiny")}.example";
        using var response = await CallAsync(path, $$"""{"model":"{{model}}","messages":[]}""", rich ? Rich() : tiny);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var sent = SentBody();
        var limit = sent.TryGetProperty("max_tokens", out var value) || sent.TryGetProperty("max_completion_tokens", out value)
            ? value.GetInt64() : (long?)null;
        if (most is null) Assert.Null(limit);
        else Assert.InRange(limit!.Value, most.Value / 2, most.Value * 5 / 4);
    }

    [Theory]
    [InlineData("@small.example", 32_000)]
    [InlineData("@tiny.example", 0)]
    public async Task Thinking_leaves_room_for_the_answer_or_is_refused(string domain, int stated)
    {
        var body = """{"model":"a/thinking","reasoning":{"max_tokens":30000},"messages":[{"role":"user","content":"TEXT"}]}"""
            .Replace("TEXT", new string('x', 1_000), StringComparison.Ordinal);
        if (stated > 0) body = body.Replace("\"messages\"", $"\"max_tokens\":{stated},\"messages\"", StringComparison.Ordinal);
        using var response = await CallAsync(OpenRouter, body, $"user-{Guid.CreateVersion7():N}{domain}");
        if (domain == "@tiny.example")
        {
            Assert.Equal("reservation_too_large", await response.CodeAsync());
            return;
        }
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var sent = SentBody();
        Assert.InRange(sent.GetProperty("reasoning").GetProperty("max_tokens").GetInt64(), 1_024, sent.GetProperty("max_tokens")
            .GetInt64() - 1_024);
        Assert.Equal(1m, sent.GetProperty("provider").GetProperty("max_price").GetProperty("prompt").GetDecimal());
    }

    [Fact]
    public async Task A_free_model_that_is_charged_does_not_go_on_over_the_budget()
    {
        Provider.Answer = (http, request) => request.Target.EndsWith("/models", StringComparison.Ordinal)
            ? Answers.Json(http, """{"data":[{"id":"a/gratis:free","pricing":{"prompt":"0","completion":"0"}}]}""")
            : Answers.Json(http, """{"id":"g","choices":[{"index":0,"finish_reason":"stop","message":{"content":"x"}}],"usage":{"prompt_tokens":10,"completion_tokens":10,"cost":0.02}}""");
        var tiny = $"user-{Guid.CreateVersion7():N}@tiny.example";
        var answered = 0;
        for (var i = 0; i < 10; i++)
        {
            using var response = await CallAsync(OpenRouter, """{"model":"a/gratis:free","messages":[],"max_tokens":100}""", tiny);
            if (response.StatusCode == HttpStatusCode.OK) answered++;
        }
        Assert.Equal(1, answered);
        Assert.Equal(0.02m, await Gateway.SpentAsync(tiny));
        var sent = Provider.Seen.Single(seen => seen.Method == "POST");
        Assert.Contains("\"max_price\":{\"prompt\":0,\"completion\":0}", sent.Text, StringComparison.Ordinal);
    }

    private static byte[] Pdf => Pdfs.Plain(2, "The quick brown fox jumps over the lazy dog. ", filler: 75_000);

    private static string Data(string type, byte[] bytes) => $"data:{type};base64,{Convert.ToBase64String(bytes)}";

    private static string Picture(string model, string url) =>
        $$$"""{"model":"{{{model}}}","messages":[{"role":"user","content":[{"type":"text","text":"What is it?"},{"type":"image_url","image_url":{"url":"{{{url}}}"}}]}]}""";

    private static string Rich() => $"user-{Guid.CreateVersion7():N}@rich.example";

    private Task<HttpResponseMessage> CallAsync(string path, string body, string? email = null) =>
        Gateway.Http.SendAsync(Gateway.Post(path, body, Gateway.Token(email ?? _small)));

    private JsonElement SentBody() => JsonDocument.Parse(Provider.Seen.Last().Body).RootElement;
}
