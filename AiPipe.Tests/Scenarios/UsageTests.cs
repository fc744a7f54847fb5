using System.Net;
using System.Text.Json;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace AiPipe.Tests.Scenarios;

/// <summary><c>/usage</c> tells of every budget that concerns the caller, and of nobody else's.</summary>
public sealed class UsageTests(PostgresFixture postgres)
{
    private const string Call = """{"model":"gpt-4o-mini","max_tokens":500,"messages":[]}""";

    [Fact]
    public async Task Every_budget_shows_limit_spent_held_and_remaining()
    {
        await using var gateway = await Gateway.StartAsync(await postgres.NewDatabaseAsync(), Configure);
        // A thousand input and five hundred output tokens: 0.00045 USD each.
        await gateway.Http.SendAsync(gateway.Post("/openai/v1/chat/completions", Call));
        await gateway.Http.SendAsync(gateway.Post("/openai/v1/chat/completions", Call, gateway.Token("bob@example.com")));
        var (arrived, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        gateway.Provider.Answer = async (http, _) =>
        {
            arrived.TrySetResult();
            await goOn.Task;
            await Answers.Json(http, Answers.Chat(0, 0));
        };
        var inFlight = gateway.Http.SendAsync(gateway.Post("/openai/v1/chat/completions", Call));
        await arrived.Task.WaitAsync(Eventually.Limit);

        var usage = await gateway.GetJsonAsync("/usage");
        goOn.SetResult();
        Assert.Equal(HttpStatusCode.OK, (await inFlight).StatusCode);

        Assert.Equal((1m, 0.00045m, 0.00045m, 7),
            (Usd(usage, "limit"), Usd(usage, "cost"), Usd(usage, "spent"), usage.GetProperty("days").GetInt32()));
        var held = Usd(usage, "held");
        Assert.InRange(held, 0.0003m, 0.0004m);
        Assert.Equal(0.02m - 0.0009m - held, Usd(usage, "remaining"));
        var scopes = usage.GetProperty("scopes").EnumerateArray().ToDictionary(
            scope => (scope.GetProperty("kind").GetString()!, scope.GetProperty("name").GetString()!, scope.GetProperty("together")
                .GetBoolean()));
        Assert.Equal(
            [("domain", "@example.com", true), ("model", "gpt-4o*", false), ("provider", "openai", true),
                ("user", "ann@example.com", false)],
            scopes.Keys.Order());
        foreach (var (key, scope) in scopes)
        {
            // Of what is shared, the total of both; of what is her own, hers.
            Assert.Equal(key.Item3 ? 0.0009m : 0.00045m, Usd(scope, "spent"));
            Assert.Equal(held, Usd(scope, "held"));
            Assert.Equal(Usd(scope, "limit") - Usd(scope, "spent") - held, Usd(scope, "remaining"));
            Assert.True(scope.GetProperty("resets_at").GetDateTime() > TestClock.UtcNow.UtcDateTime);
        }
        Assert.Equal(7, scopes[("user", "ann@example.com", false)].GetProperty("days").GetInt32());
        Assert.Equal("month", scopes[("provider", "openai", true)].GetProperty("period").GetString());
        Assert.False(scopes[("provider", "openai", true)].TryGetProperty("days", out _));
        Assert.DoesNotContain("bob", usage.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Month_starts_anew_on_the_first()
    {
        var clock = new TestClock();
        clock.MoveTo(new(2027, 1, 31, 23, 50, 0, TimeSpan.Zero));
        await using var gateway = await Gateway.StartAsync(await postgres.NewDatabaseAsync(), settings =>
        {
            settings["AiPipe:Budgets:ann@example.com:Limit"] = "0.0004";
            settings["AiPipe:Budgets:ann@example.com:Period"] = "month";
        }, extend: builder => builder.Services.AddSingleton<TimeProvider>(clock));
        using var first = await gateway.Http.SendAsync(gateway.Post("/openai/v1/chat/completions", Call));
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);

        using var refused = await gateway.Http.SendAsync(gateway.Post("/openai/v1/chat/completions", Call));
        var error = (await refused.JsonAsync()).GetProperty("error");
        Assert.Equal("Usage $0.00045 / $0.0004 in 31 days", error.GetProperty("message").GetString());
        Assert.Equal(new DateTime(2027, 2, 1, 0, 0, 0, DateTimeKind.Utc), error.GetProperty("resets_at").GetDateTime());
        Assert.Equal(600, error.GetProperty("seconds").GetInt64());
        Assert.Equal((null, "false"), (refused.Headers.RetryAfter, refused.Headers.GetValues("x-should-retry").Single()));

        clock.MoveTo(new(2027, 2, 1, 0, 0, 0, TimeSpan.Zero));
        Assert.Equal((0m, 1), (await gateway.SpentAsync(), (await gateway.GetJsonAsync("/usage")).GetProperty("days").GetInt32()));
        using var next = await gateway.Http.SendAsync(gateway.Post("/openai/v1/chat/completions", Call));
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
    }

    [Fact]
    public async Task With_Postgres_away_what_cannot_be_read_is_refused_as_such_and_works_again_without_a_restart()
    {
        await using var server = new PostgresServer();
        await server.StartAsync();
        await using var gateway = await Gateway.StartAsync(await server.NewDatabaseAsync());
        Assert.Equal(0, await gateway.SpentAsync());
        await server.StopAsync();

        // Known already, so it needs no database.
        Assert.Equal(0, await gateway.SpentAsync());
        foreach (var request in Needy(gateway))
        {
            using (request)
            {
                using var response = await gateway.Http.SendAsync(request);
                Assert.Equal((HttpStatusCode.ServiceUnavailable, "ledger_unavailable"), (response.StatusCode, await response.CodeAsync()));
                Assert.True(response.Headers.RetryAfter?.Delta > TimeSpan.Zero);
            }
        }

        await server.StartAsync();
        foreach (var request in Needy(gateway))
        {
            using (request) Assert.Equal(HttpStatusCode.OK, (await gateway.Http.SendAsync(request)).StatusCode);
        }
    }

    private static IEnumerable<HttpRequestMessage> Needy(Gateway gateway)
    {
        yield return Get(gateway, "/usage", "new@example.com");
        yield return Get(gateway, "/admin/usage", "admin@example.com");
        yield return gateway.Post("/admin/cost", $$"""{"email":"newer@example.com","date":"{{TestClock.UtcToday:yyyy-MM-dd}}","cost":1}""", gateway.Token("admin@example.com"));
    }

    private static HttpRequestMessage Get(Gateway gateway, string path, string email)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new("Bearer", gateway.Token(email));
        return request;
    }

    private static void Configure(Dictionary<string, string?> settings)
    {
        settings.AddBudget("*:Models:gpt-4o*", 0.5m, 1);
        settings.AddBudget("Together:@example.com", 0.02m, 30);
        settings.AddBudget("Together:@elsewhere.example", 3, 30);
        settings["AiPipe:Budgets:Together:Providers:openai:Limit"] = "4";
        settings["AiPipe:Budgets:Together:Providers:openai:Period"] = "month";
    }

    private static decimal Usd(JsonElement element, string field) => element.GetProperty(field).GetDecimal();
}
