using System.ClientModel;
using System.ClientModel.Primitives;
using System.Net;
using AiPipe.Proxy.Callers;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using OpenAI;
using OpenAI.Chat;

namespace AiPipe.Tests.Scenarios;

/// <summary>Whole requests under limits; the provider reports 1,000 + 500 tokens for each.</summary>
public sealed class RateLimitTests(PostgresFixture postgres)
{
    private const string Chat = "/openai/v1/chat/completions";
    private const string Hi = """{"model":"gpt-4o-mini","messages":[{"role":"user","content":"hi"}]}""";

    private readonly StillClock _clock = new();

    [Fact]
    public async Task A_callers_own_limit_is_told_with_every_answer_and_kept()
    {
        await using var gateway = await StartAsync(("*:RequestsPerMinute", "2"), ("*:TokensPerMinute", "100000"));
        using var first = await gateway.Http.SendAsync(gateway.Post(Chat, Hi));
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal(("2", "1", "30s"),
            (Header(first, "limit-requests"), Header(first, "remaining-requests"), Header(first, "reset-requests")));
        Assert.Equal("100000", Header(first, "limit-tokens"));
        Assert.InRange(int.Parse(Header(first, "remaining-tokens")!), 99_900, 99_999);
        Assert.EndsWith("ms", Header(first, "reset-tokens"), StringComparison.Ordinal);
        var asked = 100_000 - int.Parse(Header(first, "remaining-tokens")!);

        using var second = await gateway.Http.SendAsync(gateway.Post(Chat, Hi));
        Assert.Equal("0", Header(second, "remaining-requests"));
        // What the first one used in the end is gone by now, and what the second one asks for.
        Assert.Equal(100_000 - 1500 - asked, int.Parse(Header(second, "remaining-tokens")!));

        using var third = await gateway.Http.SendAsync(gateway.Post(Chat, Hi));
        Assert.Equal((HttpStatusCode.TooManyRequests, "rate_limited"), (third.StatusCode, await third.CodeAsync()));
        Assert.Equal(30, third.Headers.RetryAfter!.Delta!.Value.TotalSeconds);
        Assert.Equal("0", Header(third, "remaining-requests"));
        Assert.Contains("2 requests a minute", (await third.JsonAsync()).GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(2, gateway.Provider.Seen.Count);

        using var other = await gateway.Http.SendAsync(gateway.Post(Chat, Hi, gateway.Token("bob@example.com")));
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        Assert.Equal(0m, (await gateway.GetJsonAsync("/usage")).GetProperty("held").GetDecimal());
    }

    [Fact]
    public async Task Without_limits_no_headers_and_the_providers_own_never_pass()
    {
        await using var gateway = await StartAsync();
        gateway.Provider.Answer = ProvidersLimits;
        using var response = await gateway.Http.SendAsync(gateway.Post(Chat, Hi));
        Assert.Equal((HttpStatusCode.OK, null), (response.StatusCode, Header(response, "remaining-requests")));

        await using var limited = await StartAsync(("*:RequestsPerMinute", "60"));
        limited.Provider.Answer = ProvidersLimits;
        using var ours = await limited.Http.SendAsync(limited.Post(Chat, Hi));
        Assert.Equal(("59", null), (Header(ours, "remaining-requests"), Header(ours, "remaining-tokens")));

        static Task ProvidersLimits(Microsoft.AspNetCore.Http.HttpContext http, SeenRequest seen)
        {
            http.Response.Headers["x-ratelimit-remaining-requests"] = "7";
            http.Response.Headers["x-ratelimit-remaining-tokens"] = "77";
            return Answers.Json(http, Answers.Chat(1000, 500));
        }
    }

    [Fact]
    public async Task Tokens_that_were_used_delay_the_next_call_and_a_stated_output_limit_does_not()
    {
        await using var gateway = await StartAsync(("*:TokensPerMinute", "1000"));
        using var first = await gateway.Http.SendAsync(
            gateway.Post(Chat, Hi.Replace("\"model\"", "\"max_tokens\":16000,\"model\"", StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        using var second = await gateway.Http.SendAsync(gateway.Post(Chat, Hi));
        Assert.Equal("rate_limited", await second.CodeAsync());
        // 500 tokens of debt, and those that the second one needs.
        Assert.InRange(second.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 30, 35);
    }

    [Fact]
    public async Task A_call_that_cost_nothing_gives_its_tokens_back_but_was_a_request()
    {
        await using var gateway = await StartAsync(("*:TokensPerMinute", "1000"), ("*:RequestsPerMinute", "60"));
        gateway.Provider.Answer = (http, _) => Answers.Json(http, """{"error":{"message":"no"}}""", 400);
        using var failed = await gateway.Http.SendAsync(gateway.Post(Chat, Hi));
        using var next = await gateway.Http.SendAsync(gateway.Post(Chat, Hi));
        Assert.Equal(Header(failed, "remaining-tokens"), Header(next, "remaining-tokens"));
        Assert.Equal("58", Header(next, "remaining-requests"));
    }

    [Fact]
    public async Task A_call_larger_than_the_limit_is_told_that_waiting_does_not_help()
    {
        await using var gateway = await StartAsync(("*:TokensPerMinute", "100"));
        using var response = await gateway.Http.SendAsync(
            gateway.Post(Chat, Hi.Replace("hi", new string('x', 2000), StringComparison.Ordinal)));
        Assert.Equal((HttpStatusCode.TooManyRequests, "rate_limited"), (response.StatusCode, await response.CodeAsync()));
        Assert.Null(response.Headers.RetryAfter);
        Assert.Equal("false", Assert.Single(response.Headers.GetValues("x-should-retry")));
        Assert.Contains("more than the 100 a minute", (await response.JsonAsync()).GetProperty("message")
            .GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_app_is_limited_over_all_of_its_users()
    {
        await using var gateway = await StartAsync(("Apps:https://app.example:RequestsPerMinute", "1"));
        string Token(string email, string app) => Jwt.Sign(
            System.Text.Encoding.UTF8.GetBytes($$"""{"email":"{{email}}","aud":"{{app}}"}"""), System.Text.Encoding.UTF8.GetBytes(Gateway.Secret));
        Assert.Equal(200, await StatusAsync(gateway, Hi, Token("ann@example.com", "https://app.example")));
        Assert.Equal(429, await StatusAsync(gateway, Hi, Token("bob@example.com", "https://App.example")));
        Assert.Equal(200, await StatusAsync(gateway, Hi, Token("bob@example.com", "https://other.example")));
        Assert.Equal(200, await StatusAsync(gateway, Hi));
    }

    [Fact]
    public async Task A_model_is_limited_over_all_callers_and_under_all_of_its_names()
    {
        await using var gateway = await StartAsync(("Models:gpt-4o-mini:RequestsPerMinute", "1"));
        Assert.Equal(200, await StatusAsync(gateway, Hi.Replace("gpt-4o-mini", "gpt-4o-mini-2024-07-18", StringComparison.Ordinal)));
        Assert.Equal(429, await StatusAsync(gateway, Hi, gateway.Token("bob@example.com")));
        Assert.Equal(200, await StatusAsync(gateway, Hi.Replace("gpt-4o-mini", "gpt-4o", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_provider_is_limited_over_all_callers_and_answers_in_its_own_shape()
    {
        await using var gateway = await StartAsync(("Providers:geminiv1beta:RequestsPerMinute", "1"));
        using var first = await gateway.Http.SendAsync(gateway.Post("/gemini/models/gemini-2.0-flash:generateContent", """{"contents":[]}"""));
        using var second = await gateway.Http.SendAsync(gateway.Post("/geminiv1beta/models/gemini-2.0-flash:generateContent", """{"contents":[]}""", gateway.Token("bob@example.com")));
        Assert.Equal(HttpStatusCode.TooManyRequests, second.StatusCode);
        Assert.Equal("RESOURCE_EXHAUSTED", (await second.JsonAsync()).GetProperty("error").GetProperty("status").GetString());
        Assert.Equal(200, await StatusAsync(gateway, Hi));
    }

    [Fact]
    public async Task A_key_at_its_limit_is_passed_over_until_all_of_them_are()
    {
        await using var gateway = await StartAsync(("Keys:openai:RequestsPerMinute", "2"), ("../Providers:openai:Keys:1", "sk-second-key"));
        for (var i = 0; i < 4; i++) Assert.Equal(200, await StatusAsync(gateway, Hi));
        var keys = gateway.Provider.Seen.Select(seen => seen.Headers["Authorization"]).GroupBy(key => key)
            .ToDictionary(key => key.Key, key => key.Count());
        Assert.Equal([2, 2], keys.Values);
        using var refused = await gateway.Http.SendAsync(gateway.Post(Chat, Hi));
        Assert.Equal("rate_limited", await refused.CodeAsync());
        Assert.Equal(30, refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds);
        Assert.Equal(0m, (await gateway.GetJsonAsync("/usage")).GetProperty("held").GetDecimal());
    }

    [Fact]
    public async Task A_key_that_the_provider_refused_has_its_tokens_back()
    {
        await using var gateway =
            await StartAsync(("Keys:openai:TokensPerMinute", "1000"), ("../Providers:openai:Keys:1", "sk-second-key"));
        gateway.Provider.Answer = (http, seen) => seen.Headers["Authorization"].EndsWith("second-key", StringComparison.Ordinal)
            ? Answers.Json(http, Answers.Chat(10, 1)) : Answers.Json(http, """{"error":{"message":"slow down"}}""", 429);
        for (var i = 0; i < 30; i++) Assert.Equal(200, await StatusAsync(gateway, Hi));
    }

    [Fact]
    public async Task Similarity_is_limited_as_the_call_that_it_makes()
    {
        await using var gateway = await StartAsync(("*:RequestsPerMinute", "1"));
        gateway.Provider.Answer = (http, _) => Answers.Json(http, """{"data":[{"index":0,"embedding":"AACAPwAAAAA="},{"index":1,"embedding":"AAAAAAAAgD8="}],"usage":{"prompt_tokens":2,"total_tokens":2}}""");
        using var first = await gateway.Http.SendAsync(gateway.Post("/similarity", """{"docs":["a","b"]}"""));
        Assert.Equal((HttpStatusCode.OK, "0"), (first.StatusCode, Header(first, "remaining-requests")));
        using var second = await gateway.Http.SendAsync(gateway.Post("/similarity", """{"docs":["a","b"]}"""));
        Assert.Equal("rate_limited", await second.CodeAsync());
        Assert.NotNull(second.Headers.RetryAfter);
    }

    [Fact]
    public async Task OpenAIs_own_client_waits_as_long_as_it_is_told_and_tries_again()
    {
        await using var gateway = await StartAsync(("*:RequestsPerMinute", "60"));
        for (var i = 0; i < 60; i++) Assert.Equal(200, await StatusAsync(gateway, Hi));
        Assert.Equal(429, await StatusAsync(gateway, Hi));
        var policy = new WaitingRetries(_clock);
        var client = new OpenAIClient(
            new ApiKeyCredential(gateway.Token()),
            new OpenAIClientOptions { Endpoint = new Uri(gateway.Address + "/openai/v1"), RetryPolicy = policy });
        var seen = gateway.Provider.Seen.Count;
        await client.GetChatClient("gpt-4o-mini")
            .CompleteChatAsync([new UserChatMessage("hi")], cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(TimeSpan.FromSeconds(1), Assert.Single(policy.Told));
        Assert.Equal(seen + 1, gateway.Provider.Seen.Count);
    }

    /// <summary>While it waits, as much time passes for the gateway.</summary>
    private sealed class WaitingRetries(StillClock clock) : ClientRetryPolicy
    {
        public List<TimeSpan> Told { get; } = [];

        protected override TimeSpan GetNextDelay(PipelineMessage message, int tryCount)
        {
            var wait = base.GetNextDelay(message, tryCount);
            Assert.Equal(429, message.Response!.Status);
            Told.Add(wait);
            clock.Milliseconds += (long)wait.TotalMilliseconds;
            return wait;
        }
    }

    private async Task<Gateway> StartAsync(params (string Key, string Value)[] limits) =>
        await Gateway.StartStillAsync(await postgres.NewDatabaseAsync(), settings =>
        {
            foreach (var (key, value) in limits)
                settings[key.StartsWith("../", StringComparison.Ordinal) ? $"AiPipe:{key[3..]}" : $"AiPipe:RateLimits:{key}"] = value;
        }, _clock);

    private static async Task<int> StatusAsync(Gateway gateway, string body, string? token = null)
    {
        using var response = await gateway.Http.SendAsync(gateway.Post(Chat, body, token));
        return (int)response.StatusCode;
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues($"x-ratelimit-{name}", out var values) ? Assert.Single(values) : null;
}
