using System.Net;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Journey.Recording;
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
        await using var gateway = await Gateway.StartAsync(await postgres.NewDatabaseAsync(), Configure, extend: builder => builder.Services.AddSingleton<TimeProvider>(clock));

        // 1,000 and 500 tokens at 3 and 6 USD per million.
        using var chat = await gateway.Http.SendAsync(gateway.Post("/openai/v1/chat/completions", Chat));
        Assert.Equal(("0.006", "0.006", "1"), Told(chat));
        gateway.Provider.Answer = static (http, _) => Answers.Json(http, """{"object":"list","data":[],"usage":{"prompt_tokens":1000000,"total_tokens":1000000}}""");
        using var embeddings = await gateway.Http.SendAsync(gateway.Post("/openai/v1/embeddings", Embeddings));
        Assert.Equal(("0.02", "0.026", "2"), Told(embeddings));

        gateway.Provider.Answer = static (http, _) => Answers.Json(http, Answers.Chat(158_000, 0));
        using var dear = await gateway.Http.SendAsync(gateway.Post("/openai/v1/chat/completions", Chat));
        Assert.Equal(("0.474", "0.5", "3"), Told(dear));
        using var refused = await gateway.Http.SendAsync(gateway.Post("/openai/v1/chat/completions", Chat));
        Assert.Equal((HttpStatusCode.TooManyRequests, "budget_spent"), (refused.StatusCode, await refused.CodeAsync()));
        Assert.Equal(new DateTime(2027, 5, 1, 0, 0, 0, DateTimeKind.Utc), (await refused.JsonAsync()).GetProperty("error").GetProperty("resets_at").GetDateTime());

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

    private static void Configure(Dictionary<string, string?> settings)
    {
        settings.Remove("AiPipe:Budgets:*:Days");
        (settings["AiPipe:Budgets:*:Limit"], settings["AiPipe:Budgets:*:Period"]) = ("0.5", "month");
        (settings["AiPipe:Prices:openai:gpt-4o-mini:Input"], settings["AiPipe:Prices:openai:gpt-4o-mini:Output"]) = ("3", "6");
        (settings["AiPipe:Prices:openai:text-embedding-3-small:Input"], settings["AiPipe:Prices:openai:text-embedding-3-small:Output"]) = ("0.02", "0");
        (settings["AiPipe:Access:*:Endpoints:0"], settings["AiPipe:Access:*:Endpoints:1"], settings["AiPipe:Access:*:Endpoints:2"]) =
            ("GET /openai/v1/models", "POST /openai/v1/embeddings", "POST /openai/v1/chat/completions");
        (settings["AiPipe:Access:*:Models:0"], settings["AiPipe:Access:*:Models:1"], settings["AiPipe:Access:*:Streaming"]) = ("text-embedding-3-small", "gpt-4o-mini", "false");
    }

    private static (string, string, string) Told(HttpResponseMessage response) =>
        (response.Headers.GetValues("cost").Single(), response.Headers.GetValues("monthlyCost").Single(), response.Headers.GetValues("monthlyRequests").Single());
}
