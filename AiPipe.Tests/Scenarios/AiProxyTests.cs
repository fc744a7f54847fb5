using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace AiPipe.Tests.Scenarios;

/// <summary>AI Proxy's own rules as configuration: half a dollar a month, its prices, its endpoints and models.</summary>
public sealed class AiProxyTests(PostgresFixture postgres)
{
    private const string Chat = """{"model":"gpt-4o-mini","messages":[{"role":"user","content":"What is 2 + 2"}]}""";
    private const string Embeddings = """{"model":"text-embedding-3-small","input":["king","queen"]}""";

    [Fact]
    public async Task Its_commands_limits_and_prices_hold_and_the_month_resets_at_midnight_on_the_first()
    {
        var clock = new TestClock();
        clock.MoveTo(new(2027, 4, 30, 23, 59, 0, TimeSpan.Zero));
        await using var gateway = await Gateway.StartAsync(
            await postgres.NewDatabaseAsync(), Configure, extend: builder => builder.Services.AddSingleton<TimeProvider>(clock));

        // 1,000 and 500 tokens at 3 and 6 USD per million.
        using var chat = await gateway.Http.SendAsync(gateway.Post("/openai/v1/chat/completions", Chat));
        Assert.Equal(("0.006", "0.006", "1"), Told(chat));
        gateway.Provider.Answer = static (http, _) => Answers.Json(http, """{"object":"list","data":[],"usage":{"prompt_tokens":8050,"total_tokens":8050}}""");
        using var embeddings = await gateway.Http.SendAsync(gateway.Post("/openai/v1/embeddings", Embeddings));
        Assert.Equal(("0.000161", "0.006161", "2"), Told(embeddings));

        gateway.Provider.Answer = static (http, _) => Answers.Json(http, Answers.Chat(104_613, 30_000));
        using var dear = await gateway.Http.SendAsync(gateway.Post("/openai/v1/chat/completions", Chat));
        Assert.Equal(("0.493839", "0.5", "3"), Told(dear));
        using var refused = await gateway.Http.SendAsync(gateway.Post("/openai/v1/chat/completions", Chat));
        Assert.Equal((HttpStatusCode.TooManyRequests, "budget_spent"), (refused.StatusCode, await refused.CodeAsync()));
        Assert.Equal(new DateTime(2027, 5, 1, 0, 0, 0, DateTimeKind.Utc), (await refused.JsonAsync()).GetProperty("error")
            .GetProperty("resets_at").GetDateTime());

        clock.MoveTo(new(2027, 4, 30, 23, 59, 58, TimeSpan.Zero));
        using var stillRefused = await gateway.Http.SendAsync(gateway.Post("/openai/v1/chat/completions", Chat));
        Assert.Equal(HttpStatusCode.TooManyRequests, stillRefused.StatusCode);
        clock.MoveTo(new(2027, 5, 1, 0, 0, 0, TimeSpan.Zero));
        gateway.Provider.Answer = static (http, _) => Answers.Json(http, Answers.Chat(1000, 500));
        using var next = await gateway.Http.SendAsync(gateway.Post("/openai/v1/chat/completions", Chat));
        Assert.Equal(("0.006", "0.006", "1"), Told(next));

        var records = (await gateway.GetJsonAsync("/usage?month=2027-04")).GetProperty("data").EnumerateArray();
        var april = Assert.Single(records);
        Assert.Equal((0.5m, 3), (april.GetProperty("cost").GetDecimal(), april.GetProperty("requests").GetInt32()));
    }

    [Fact]
    public async Task Document_works_as_it_is_printed()
    {
        await using var gateway = await Gateway.StartAsync(await postgres.NewDatabaseAsync(), Configure);
        using var shell = new Shell().Lead("aiproxy.sanand.workers.dev:80", gateway.Address)
            .Export("AIPROXY_TOKEN", Signed(Gateway.Ann, Gateway.Secret));

        var chat = JsonElement.Parse(await shell.RunAsync("""
            curl -X POST http://aiproxy.sanand.workers.dev/openai/v1/chat/completions \
              -H "Content-Type: application/json" \
              -H "Authorization: Bearer $AIPROXY_TOKEN" \
              -d '{"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "What is 2 + 2"}]}'
            """));
        Assert.Equal("Hello", chat.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
        Assert.Equal(["cost: 0.006", "monthlyCost: 0.006", "monthlyRequests: 1"], CostsOf(shell));

        gateway.Provider.Answer = static (http, _) => Answers.Json(http, """
            {"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5]},{"object":"embedding","index":1,"embedding":[0.25]}],"model":"text-embedding-3-small","usage":{"prompt_tokens":2,"total_tokens":2}}
            """);
        var embeddings = JsonElement.Parse(await shell.RunAsync("""
            curl -X POST http://aiproxy.sanand.workers.dev/openai/v1/embeddings \
              -H "Content-Type: application/json" \
              -H "Authorization: Bearer $AIPROXY_TOKEN" \
              -d '{"model": "text-embedding-3-small", "input": ["king", "queen"]}'
            """));
        Assert.Equal([0.5, 0.25], embeddings.GetProperty("data").EnumerateArray()
            .Select(one => one.GetProperty("embedding")[0].GetDouble()));
        Assert.Equal(["cost: 0.00000004", "monthlyCost: 0.00600004", "monthlyRequests: 2"], CostsOf(shell));

        Assert.Equal(
            [
                ("/v1/chat/completions", """{"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "What is 2 + 2"}]}"""),
                ("/v1/embeddings", """{"model": "text-embedding-3-small", "input": ["king", "queen"]}"""),
            ],
            gateway.Provider.Seen.Select(seen => (seen.Target, seen.Text)));
        Assert.All(gateway.Provider.Seen, seen => Assert.Equal($"Bearer {Gateway.ProviderKey}", seen.Headers["Authorization"]));

        // Who signs with another secret is nobody.
        shell.Export("AIPROXY_TOKEN", Signed(Gateway.Ann, Gateway.Secret + "?"));
        Assert.Contains("token_invalid", await shell.RunAsync("""
            curl -X POST http://aiproxy.sanand.workers.dev/openai/v1/embeddings \
              -H "Content-Type: application/json" \
              -H "Authorization: Bearer $AIPROXY_TOKEN" \
              -d '{"model": "text-embedding-3-small", "input": ["king", "queen"]}'
            """), StringComparison.Ordinal);
        Assert.Equal(2, gateway.Provider.Seen.Count);
    }

    /// <summary>
    /// What <c>new jose.SignJWT({ email: emailId }).setProtectedHeader({ alg: "HS256" }).sign(secret)</c> makes: no other claim, no end.
    /// </summary>
    private static string Signed(string emailId, string secret)
    {
        var signed = $"{Encoded("""{"alg":"HS256"}""")}.{Encoded($$"""{"email":"{{emailId}}"}""")}";
        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(signed)))}";
    }

    private static string Encoded(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));

    /// <summary>The headers that the document names, in its order.</summary>
    private static IEnumerable<string> CostsOf(Shell shell)
    {
        var lines = shell.Headers.Split("\r\n");
        Assert.Equal("HTTP/1.1 200 OK", lines[0]);
        return ((string[])["cost", "monthlyCost", "monthlyRequests"])
            .Select(name => Assert.Single(lines, line => line.StartsWith(name + ':', StringComparison.Ordinal)));
    }

    private static void Configure(Dictionary<string, string?> settings)
    {
        settings.Remove("AiPipe:Budgets:*:Days");
        (settings["AiPipe:Budgets:*:Limit"], settings["AiPipe:Budgets:*:Period"]) = ("0.5", "month");
        (settings["AiPipe:Prices:openai:gpt-4o-mini:Input"], settings["AiPipe:Prices:openai:gpt-4o-mini:Output"]) = ("3", "6");
        (settings["AiPipe:Prices:openai:text-embedding-3-small:Input"], settings["AiPipe:Prices:openai:text-embedding-3-small:Output"]) =
            ("0.02", "0");
        (settings["AiPipe:Access:*:Endpoints:0"], settings["AiPipe:Access:*:Endpoints:1"], settings["AiPipe:Access:*:Endpoints:2"]) =
            ("GET /openai/v1/models", "POST /openai/v1/embeddings", "POST /openai/v1/chat/completions");
        (settings["AiPipe:Access:*:Models:0"], settings["AiPipe:Access:*:Models:1"], settings["AiPipe:Access:*:Streaming"]) =
            ("text-embedding-3-small", "gpt-4o-mini", "false");
    }

    private static (string, string, string) Told(HttpResponseMessage response) =>
        (response.Headers.GetValues("cost").Single(), response.Headers.GetValues("monthlyCost")
            .Single(), response.Headers.GetValues("monthlyRequests").Single());
}
