using System.Net;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Settings;
using AiPipe.Tests.Support;
using static AiPipe.Tests.Settings.SettingsClient;

namespace AiPipe.Tests.Scenarios;

/// <summary>Other names for models, on the ordinary paths.</summary>
public sealed class AliasTests(PostgresFixture postgres) : TargetTest(postgres)
{
    private const string Chat = "/openai/v1/chat/completions";
    private const string Odd = """{ "messages" : [{"role":"user","content":"caf\u00e9 \ud83d\ude00","a":1}],  "model" : "fast","x":[ 1.0,2e3 ], "max_tokens":500 }""";

    [Theory]
    [InlineData(Chat)]
    [InlineData("/v1/chat/completions")]
    [InlineData("/a/v1/chat/completions")]
    public async Task Alias_is_answered_by_its_model_and_all_but_its_name_goes_byte_for_byte(string path)
    {
        await AliasAsync("fast", "b");
        var (status, text, _) = await CallAsync(path, Odd);

        Assert.Equal((HttpStatusCode.OK, Answers.Chat(1000, 500)), (status, text));
        var seen = Assert.Single(Provider.Seen);
        Assert.Equal(("/b/v1/chat/completions", "Bearer key-of-b"), (seen.Target, seen.Headers["Authorization"]));
        Assert.Equal(Odd.Replace("\"fast\"", "\"m\"", StringComparison.Ordinal), seen.Text);
        await Gateway.FlushAsync();
        var row = Assert.Single(await LedgerRowsAsync());
        Assert.Equal(("b", "m", Cost), (row.Provider, row.Model, row.Cost));
    }

    [Fact]
    public async Task Stream_of_an_alias_falls_back_and_is_metered()
    {
        Answering["a"] = Status(503);
        Answering["b"] = static http => Answers.ChatStream(http, 1000, 500, "Hi");
        await AliasAsync("Smart", "dead a b");
        var (status, text, attempts) = await CallAsync(Chat, """{"max_tokens":500,"model":"smart","stream":true,"messages":[]}""");

        Assert.Equal((HttpStatusCode.OK, "3"), (status, attempts));
        Assert.Contains("data: [DONE]\n\n", text, StringComparison.Ordinal);
        Assert.Equal("""{"stream_options":{"include_usage":true},"max_tokens":500,"model":"m","stream":true,"messages":[]}""", Provider.Seen.Last().Text);
        Assert.Equal("dead 502 free, a 503 free, b 200 charged", await EntriesAsync());
        Assert.Equal(Cost, await Gateway.SpentAsync());
    }

    [Fact]
    public async Task Other_apis_know_aliases_too()
    {
        await AliasAsync("fast", "a");
        Answering["a"] = static http => Answers.Json(http, """{"object":"list","model":"m","data":[],"usage":{"prompt_tokens":1000,"total_tokens":1000}}""");

        Assert.Equal(HttpStatusCode.OK, (await CallAsync("/openai/v1/embeddings", """{"input":"Hi","model":"FAST"}""")).Status);
        Assert.Equal(("/a/v1/embeddings", """{"input":"Hi","model":"m"}"""), Provider.Seen.Single() is var seen ? (seen.Target, seen.Text) : default);
        Assert.Equal(0.001m, await Gateway.SpentAsync());
    }

    [Fact]
    public async Task Own_keys_and_paths_that_name_the_model_know_no_aliases()
    {
        await AliasAsync("gemini-2.0-flash", "a");
        await AliasAsync("fast", "a");
        using var own = await Gateway.Http.SendAsync(Gateway.Post(Chat, """{"model":"fast","messages":[]}""", "sk-of-my-own"));
        using var gemini = await Gateway.Http.SendAsync(Gateway.Post("/gemini/models/gemini-2.0-flash:generateContent", """{"contents":[]}"""));

        Assert.Equal(["/v1/chat/completions", "/v1beta/models/gemini-2.0-flash:generateContent"],
            Provider.Seen.Select(seen => seen.Target));
    }

    [Fact]
    public async Task Alias_wins_over_a_model_of_its_name_and_is_resolved_once()
    {
        await AliasAsync("gpt-4o-mini", "a");
        Assert.Equal(HttpStatusCode.OK, (await CallAsync(Chat, """{"model":"gpt-4o-mini","messages":[]}""")).Status);
        Assert.Equal("a", AskedProviders);

        // m leads to x, and x to m: what targets name are models.
        foreach (var (alias, model) in (((string, string)[])[("m", "x"), ("x", "m")]))
            await Gateway.ChangeAsync(new { path = Path("Aliases", alias), value = new { Provider = "b", Model = model } });
        Assert.Equal(HttpStatusCode.BadRequest, (await CallAsync(Chat, """{"model":"m","messages":[]}""")).Status);
        Assert.Equal(HttpStatusCode.OK, (await CallAsync(Chat, """{"model":"x","messages":[]}""")).Status);
        Assert.Equal("a b", AskedProviders);
    }

    [Fact]
    public async Task What_people_may_call_is_decided_by_the_model_that_answers()
    {
        await AliasAsync("fast", "a");
        await Gateway.ChangeAsync(new { path = Path("Access", Gateway.Ann), value = new { Models = Path("gpt-4o-mini", "fast") } });
        using var refused = await Gateway.Http.SendAsync(Gateway.Post(Chat, """{"model":"fast","messages":[]}"""));
        Assert.Equal("model_not_allowed", await refused.CodeAsync());

        await Gateway.ChangeAsync(new { path = Path("Access", Gateway.Ann), value = new { Models = Path("m") } });
        Assert.Equal(HttpStatusCode.OK, (await CallAsync(Chat, """{"model":"fast","messages":[]}""")).Status);
    }

    [Theory]
    [InlineData("/openai/v1/chat/completions", """{"model":"fast","model":"fast","messages":[]}""", "duplicate_field")]
    [InlineData("/openai/v1/chat/completions", """{"model":"fast","Model":"gpt-4o","messages":[]}""", "unsupported_field")]
    [InlineData("/openai/v1/chat/completions", """{"model":"fast ","messages":[]}""", "model_price_unknown")]
    [InlineData("/openai/v1/chat/completions", """{"model":"fast\u0000","messages":[]}""", "model_price_unknown")]
    [InlineData("/openai/v1/files", """{"model":"fast"}""", "endpoint_not_metered")]
    public async Task What_is_not_quite_an_alias_is_none(string path, string body, string code)
    {
        await AliasAsync("fast", "a");
        using var response = await Gateway.Http.SendAsync(Gateway.Post(path, body));
        Assert.Equal(code, await response.CodeAsync());
        Assert.Empty(Provider.Seen);
    }

    [Fact]
    public async Task Escaped_name_is_the_same_name()
    {
        await AliasAsync("fast", "a");
        Assert.Equal(HttpStatusCode.OK, (await CallAsync(Chat, """{"model":"f\u0061st","max_tokens":5,"messages":[]}""")).Status);
        Assert.Equal("""{"model":"m","max_tokens":5,"messages":[]}""", Provider.Seen.Single().Text);
    }

    [Fact]
    public async Task Models_lists_the_alias_in_place_of_what_it_hides()
    {
        await AliasAsync("fast", "dead a");
        await AliasAsync("gpt-4o-mini", "b");
        var models = (await Gateway.GetJsonAsync("/models")).GetProperty("data").EnumerateArray()
            .ToLookup(model => model.Text("id"), StringComparer.Ordinal);

        var fast = Assert.Single(models["fast"]);
        Assert.Equal(("/dead/v1", 1m, "dead/m a/m"),
            (fast.Text("base"), fast.GetProperty("price").GetProperty("input")
            .GetDecimal(), string.Join(' ', fast.GetProperty("alias_of").EnumerateArray())));
        Assert.Equal("b", Assert.Single(models["gpt-4o-mini"]).Text("provider"));
        Assert.All(models["gpt-4o"], model => Assert.False(model.TryGetProperty("alias_of", out _)));
    }
}
