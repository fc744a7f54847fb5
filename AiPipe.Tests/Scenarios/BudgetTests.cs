using System.Net;
using System.Text.Json;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Scenarios;

/// <summary>Nobody spends more than their budget, and nobody is locked out for asking for much.</summary>
public sealed class BudgetTests(PostgresFixture postgres, SharedGateway shared)
    : GatewayTest(postgres, shared), IClassFixture<SharedGateway>
{
    /// <summary>Its worst case is about 0.00062 USD: some 150 bytes of input and 1,000 output tokens of gpt-4o-mini.</summary>
    private const string Thousand = """{"model":"gpt-4o-mini","max_tokens":1000,"messages":[{"role":"user","content":"Hi"}]}""";

    /// <summary>A person with a small budget.</summary>
    private readonly string _small = $"user-{Guid.CreateVersion7():N}@small.example";

    protected override void Configure(Dictionary<string, string?> settings)
    {
        settings.AddBudget("sixteen@example.com", 0.0101m, days: 1);
        settings.AddBudget("@small.example", 0.001m, days: 1);
        settings.AddBudget("blocked@example.com", 0m, days: 1);
        settings.AddBudget("@school.example", 0.5m, days: 30);
    }

    [Fact]
    public async Task Of_100_calls_at_once_only_those_that_fit_are_in_flight_and_the_rest_are_told_why()
    {
        var token = Gateway.Token("sixteen@example.com");
        var (inFlight, most) = (0, 0);
        var (allArrived, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        Provider.Answer = async (http, _) =>
        {
            var now = Interlocked.Increment(ref inFlight);
            InterlockedMax(ref most, now);
            if (now == 16) allArrived.TrySetResult();
            await goOn.Task;
            Interlocked.Decrement(ref inFlight);
            await Answers.Json(http, Answers.Chat(20, 10));
        };
        var calls = Enumerable.Range(0, 100)
            .Select(_ => Gateway.Http.SendAsync(Gateway.Post("/openai/v1/chat/completions", Thousand, token))).ToList();
        // Those that are refused answer at once; the others wait for the provider.
        var refused = new List<HttpResponseMessage>();
        while (calls.Count > 16)
        {
            var done = await Task.WhenAny(calls);
            calls.Remove(done);
            refused.Add(await done);
        }

        var usage = await Gateway.GetJsonAsync("/usage", token);
        Assert.True(usage.GetProperty("cost").GetDecimal() + usage.GetProperty("held").GetDecimal() <= 0.0101m);
        Assert.All(refused, response => Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode));
        foreach (var response in refused)
        {
            Assert.Equal("budget_reserved", await response.CodeAsync());
            Assert.True(response.Headers.RetryAfter?.Delta > TimeSpan.Zero);
        }
        await allArrived.Task.WaitAsync(Eventually.Limit);
        goOn.SetResult();
        foreach (var call in calls) Assert.Equal(HttpStatusCode.OK, (await call).StatusCode);
        Assert.Equal(16, most);

        // What is left is spendable at once.
        using var next = await Gateway.Http.SendAsync(Gateway.Post("/openai/v1/chat/completions", Thousand, token));
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
        Assert.Equal(17 * (20 * 0.15m + 10 * 0.6m) / 1_000_000, await Gateway.SpentAsync("sixteen@example.com"));
    }

    [Theory]
    [InlineData("""{"model":"gpt-4o-mini","max_tokens":1000000,"messages":[]}""", "max_tokens")]
    [InlineData("""{"model":"gpt-4o-mini","max_completion_tokens":1000000,"messages":[]}""", "max_completion_tokens")]
    [InlineData("""{"model":"gpt-4o-mini","messages":[]}""", "max_completion_tokens")]
    public async Task Huge_or_missing_limit_is_lowered_to_what_the_money_buys(string body, string field)
    {
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/openai/v1/chat/completions", body, Gateway.Token(_small)));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var sent = JsonDocument.Parse(Assert.Single(Provider.Seen).Body).RootElement.GetProperty(field).GetInt64();
        Assert.InRange(sent, 500, 1666);
        Assert.Equal(sent.ToString(), response.Headers.GetValues("x-aipipe-max-output-tokens").Single());
    }

    [Fact]
    public async Task Missing_limit_stays_missing_where_the_models_maximum_fits()
    {
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/openai/v1/chat/completions", """{"model":"gpt-4o-mini","messages":[]}"""));

        Assert.Equal("""{"model":"gpt-4o-mini","messages":[]}""", Assert.Single(Provider.Seen).Text);
        Assert.False(response.Headers.Contains("x-aipipe-max-output-tokens"));
    }

    [Fact]
    public async Task Spent_budget_is_refused_with_the_originals_message_and_when_it_resets()
    {
        var token = Gateway.Token(_small);
        Provider.Answer = (http, _) => Answers.Json(http, Answers.Chat(1, 1600));
        await Gateway.Http.SendAsync(Gateway.Post("/openai/v1/chat/completions", """{"model":"gpt-4o-mini","messages":[]}""", token));
        Provider.Answer = (http, _) => Answers.Json(http, Answers.Chat(262, 1));
        await Gateway.Http.SendAsync(Gateway.Post("/openai/v1/chat/completions", """{"model":"gpt-4o-mini","max_tokens":1,"messages":[]}""", token));

        using var response = await Gateway.Http.SendAsync(Gateway.Post("/openai/v1/chat/completions", Thousand, token));
        var json = await response.JsonAsync();
        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal("budget_spent", json.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal("Usage $0.00100005 / $0.001 in 1 days", json.GetProperty("message").GetString());
        Assert.Equal(TestClock.UtcNow.UtcDateTime.Date.AddDays(1), json.GetProperty("error").GetProperty("resets_at").GetDateTime());
    }

    [Fact]
    public async Task Blocked_user_is_refused()
    {
        using var response = await Gateway.Http.SendAsync(
            Gateway.Post("/openai/v1/chat/completions", Thousand, Gateway.Token("blocked@example.com")));

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal("Usage $0 / $0 in 1 days", (await response.JsonAsync()).GetProperty("message").GetString());
        using var models = new HttpRequestMessage(HttpMethod.Get, "/openai/v1/models");
        models.Headers.Authorization = new("Bearer", Gateway.Token("blocked@example.com"));
        using var free = await Gateway.Http.SendAsync(models);
        Assert.Equal(HttpStatusCode.TooManyRequests, free.StatusCode);
        Assert.Empty(Provider.Seen);
    }

    [Fact]
    public async Task Most_specific_budget_wins()
    {
        var usage = await Gateway.GetJsonAsync("/usage", Gateway.Token("Bob@School.example"));

        Assert.Equal(0.5m, usage.GetProperty("limit").GetDecimal());
        Assert.Equal(30, usage.GetProperty("days").GetInt32());
        Assert.Equal("bob@school.example", usage.GetProperty("email").GetString());
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen;) seen = Interlocked.CompareExchange(ref most, value, seen);
    }
}
