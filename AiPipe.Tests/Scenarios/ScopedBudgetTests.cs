using System.Net;
using AiPipe.Proxy.Callers;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AiPipe.Tests.Scenarios;

/// <summary>Limits of a model, a provider, an app, a team, a domain and of everybody: each blocks, and says which it is.</summary>
public sealed class ScopedBudgetTests(PostgresFixture postgres) : GatewayTest(postgres)
{
    private const string App = "https://app.example:8443";

    /// <summary>Its call costs 0.01 USD by the fake provider's report, and can cost 0.01 at most.</summary>
    private const string Cent = """{"model":"cent","max_tokens":1000,"messages":[]}""";

    protected override void Configure(Dictionary<string, string?> settings)
    {
        settings["AiPipe:Providers:mine:BaseUrl"] = settings["AiPipe:Providers:openai:BaseUrl"];
        settings["AiPipe:Providers:mine:Keys:0"] = "k";
        foreach (var provider in (string[])["mine", "openai"])
        {
            settings[$"AiPipe:Prices:{provider}:cent:Input"] = "0";
            settings[$"AiPipe:Prices:{provider}:cent:Output"] = "10";
            settings[$"AiPipe:Prices:{provider}:gratis:Free"] = "true";
        }
        settings["AiPipe:Teams:physics:Members:0"] = "tom@example.com";
        settings.AddBudget("own@example.com", 1, 7);
        settings.AddBudget("own@example.com:Models:cent", 0.01m, 1);
        settings.AddBudget("provided@example.com", 1, 7);
        settings.AddBudget("provided@example.com:Providers:mine", 0.01m, 3);
        settings.AddBudget("inapp@example.com", 1, 7);
        settings.AddBudget("inapp@example.com:Apps:" + App, 0.01m, 1);
        settings.AddBudget("nomodel@example.com", 1, 7);
        settings.AddBudget("nomodel@example.com:Models:gratis", 0, 1);
        settings.AddBudget("noprovider@example.com", 1, 7);
        settings.AddBudget("noprovider@example.com:Providers:mine", 0, 1);
        settings.AddBudget("Together:@school.example", 0.01m, 30);
        settings.AddBudget("Together:Teams:physics", 0.01m, 1);
        settings["AiPipe:Budgets:Together:*:Limit"] = "0.03";
        settings["AiPipe:Budgets:Together:*:Period"] = "month";
    }

    [Theory]
    [InlineData("own@example.com", null, "Your budget for cent is spent: $0.01 / $0.01 in 1 day", 1)]
    [InlineData("provided@example.com", null, "Your budget for mine is spent: $0.01 / $0.01 in 3 days", 3)]
    [InlineData("inapp@example.com", App, "Your budget for https://app.example:8443 is spent: $0.01 / $0.01 in 1 day", 1)]
    [InlineData("tom@example.com", null, "The shared budget of team physics is spent: $0.01 / $0.01 in 1 day", 1)]
    [InlineData("bob@school.example", null, "The shared budget of all people at school.example is spent: $0.01 / $0.01 in 30 days", 30)]
    public async Task Spent_limit_blocks_names_itself_and_says_when_it_resets(string email, string? app, string message, int days)
    {
        var token = TokenOf(email, app);
        Assert.Equal(HttpStatusCode.OK, (await CallAsync(Cent, token)).StatusCode);

        var asked = TestClock.UtcNow.UtcDateTime;
        using var response = await CallAsync(Cent, token);
        var error = (await response.JsonAsync()).GetProperty("error");
        Assert.Equal((HttpStatusCode.TooManyRequests, "budget_spent"), (response.StatusCode, error.GetProperty("code").GetString()));
        Assert.Equal(message, error.GetProperty("message").GetString());
        var resets = TestClock.UtcNow.UtcDateTime.Date.AddDays(days);
        Assert.Equal(resets, error.GetProperty("resets_at").GetDateTime());
        Assert.InRange(TimeSpan.FromSeconds(error.GetProperty("seconds").GetInt64()),
            resets - TestClock.UtcNow.UtcDateTime - TimeSpan.FromSeconds(1), resets - asked + TimeSpan.FromSeconds(1));
        Assert.Equal((null, "false"), (response.Headers.RetryAfter, response.Headers.GetValues("x-should-retry").Single()));
        Assert.Single(Provider.Seen);

        // What costs nothing goes on, in spite of every limit that it falls under.
        Assert.Equal(HttpStatusCode.OK, (await CallAsync("""{"model":"gratis","messages":[]}""", token)).StatusCode);
    }

    [Fact]
    public async Task Limit_of_one_model_leaves_the_others_alone_and_no_spelling_passes_it()
    {
        var token = TokenOf("own@example.com");
        await CallAsync(Cent, token);

        Assert.Equal(HttpStatusCode.TooManyRequests, (await CallAsync(Cent.Replace("cent", "CENT", StringComparison.Ordinal), token))
            .StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await CallAsync(Cent, token, "openai")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await CallAsync("""{"model":"gpt-4o-mini","max_tokens":10,"messages":[]}""", token, "openai")).StatusCode);
    }

    [Fact]
    public async Task Everybody_together_never_spends_more_than_the_cap_however_many_ask_at_once()
    {
        var calls = await Task.WhenAll(Enumerable.Range(0, 50).Select(async i =>
        {
            using var response = await CallAsync(Cent, TokenOf($"person{i}@example.com"));
            return (response.StatusCode, Json: await response.JsonAsync());
        }));

        Assert.Equal(3, Provider.Seen.Count);
        Assert.Equal(3, calls.Count(call => call.StatusCode == HttpStatusCode.OK));
        using var late = await CallAsync(Cent, TokenOf("late@example.com"));
        var error = (await late.JsonAsync()).GetProperty("error");
        Assert.Equal("The shared budget of all people here is spent: $0.03 / $0.03 this month", error.GetProperty("message").GetString());
        var now = TestClock.UtcNow.UtcDateTime;
        Assert.Equal(new DateTime(now.Year, now.Month, 1, 0, 0, 0, DateTimeKind.Utc).AddMonths(1), error.GetProperty("resets_at")
            .GetDateTime());
    }

    [Theory]
    [InlineData("nomodel@example.com", "Your budget for gratis is spent: $0 / $0 in 1 day")]
    [InlineData("noprovider@example.com", "Your budget for mine is spent: $0 / $0 in 1 day")]
    public async Task Limit_of_zero_blocks_even_what_is_free(string email, string message)
    {
        using var response = await CallAsync("""{"model":"gratis","messages":[]}""", TokenOf(email));
        Assert.Equal((HttpStatusCode.TooManyRequests, message),
            (response.StatusCode, (await response.JsonAsync()).GetProperty("message").GetString()));
        Assert.Empty(Provider.Seen);
    }

    [Fact]
    public async Task Provider_limit_of_zero_blocks_what_is_not_metered_too()
    {
        using var models = new HttpRequestMessage(HttpMethod.Get, "/mine/v1/models");
        models.Headers.Authorization = new("Bearer", TokenOf("noprovider@example.com"));
        Assert.Equal(HttpStatusCode.TooManyRequests, (await Gateway.Http.SendAsync(models)).StatusCode);
        Assert.Empty(Provider.Seen);
    }

    [Fact]
    public async Task Where_several_are_spent_the_one_that_lasts_longest_is_told()
    {
        // The team's cent is gone for a day; with two more cents, everybody's three are gone for the month.
        await CallAsync(Cent, TokenOf("tom@example.com"));
        await CallAsync(Cent, TokenOf("a@example.com"));
        await CallAsync(Cent, TokenOf("b@example.com"));

        var tomorrow = TestClock.UtcNow.UtcDateTime.Date.AddDays(1);
        var error = (await (await CallAsync(Cent, TokenOf("tom@example.com"))).JsonAsync()).GetProperty("error");
        Assert.True(tomorrow.Day == 1 || error.GetProperty("resets_at").GetDateTime() > tomorrow);
    }

    private Task<HttpResponseMessage> CallAsync(string json, string token, string provider = "mine")
    {
        Provider.Answer = (http, _) => Answers.Json(http, Answers.Chat(0, 1000, "cent"));
        return Gateway.Http.SendAsync(Gateway.Post($"/{provider}/v1/chat/completions", json, token));
    }

    private string TokenOf(string email, string? app = null)
    {
        if (app is null) return Gateway.Token(email);
        var secret = Gateway.Services.GetRequiredService<IOptions<TokenOptions>>().Value.Secret;
        return Jwt.Sign(new TokenPayload { Email = email, Aud = app }.ToJson(), secret);
    }
}
