using System.Net;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Scenarios;

/// <summary>The admin API of the original.</summary>
public sealed class AdminTests(PostgresFixture postgres, SharedGateway shared)
    : GatewayTest(postgres, shared), IClassFixture<SharedGateway>
{
    private const string Admin = "admin@example.com";

    protected override void Configure(Dictionary<string, string?> settings)
    {
        settings["ADMIN_EMAILS"] = "second@example.com, third@example.com";
        settings["AiPipe:Salts:salty@example.com"] = "the-salt";
    }

    [Fact]
    public async Task Usage_lists_everybodys_cost_by_date()
    {
        await StartOwnAsync();
        await Gateway.OpenAi().GetChatClient("gpt-4o-mini").CompleteChatAsync("Hi");
        await Gateway.OpenAi(Gateway.Token("bob@example.com")).GetChatClient("gpt-4o-mini").CompleteChatAsync("Hi");

        var rows = (await Gateway.GetJsonAsync("/admin/usage", Gateway.Token(Admin))).GetProperty("data").EnumerateArray().ToList();
        Assert.Equal(["ann@example.com", "bob@example.com"], rows.Select(row => row.GetProperty("email").GetString()!));
        Assert.All(rows, row => Assert.Equal(0.00045m, row.GetProperty("cost").GetDecimal()));
        Assert.All(rows, row => Assert.Equal(TestClock.UtcToday.ToString("yyyy-MM-dd"), row.GetProperty("date").GetString()));
    }

    [Theory]
    [InlineData("second@example.com", HttpStatusCode.OK)]
    [InlineData("THIRD@example.com", HttpStatusCode.OK)]
    [InlineData("ann@example.com", HttpStatusCode.Forbidden)]
    public async Task Only_admins_may(string email, HttpStatusCode status)
    {
        foreach (var path in new[] { "/admin/usage", "/admin/token" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Authorization = new("Bearer", Gateway.Token(email));
            using var response = await Gateway.Http.SendAsync(request);
            Assert.Equal(status, response.StatusCode);
            if (status == HttpStatusCode.Forbidden)
                Assert.Equal("Admin access required", (await response.JsonAsync()).GetProperty("message").GetString());
        }
    }

    [Theory]
    [InlineData("new@example.com")]
    [InlineData("Salty@Example.com")]
    public async Task Token_for_anybody_works(string email)
    {
        var token = (await Gateway.GetJsonAsync($"/admin/token?email={email}", Gateway.Token(Admin))).GetProperty("token").GetString()!;

        Assert.Equal(email.ToLowerInvariant(), (await Gateway.GetJsonAsync("/usage", token)).GetProperty("email").GetString());
    }

    [Fact]
    public async Task Cost_of_a_date_can_be_overwritten_and_the_ledger_says_by_whom()
    {
        await Gateway.OpenAi().GetChatClient("gpt-4o-mini").CompleteChatAsync("Hi");
        var today = TestClock.UtcToday.ToString("yyyy-MM-dd");
        using var response = await Gateway.Http.SendAsync(Gateway.Post(
            "/admin/cost", $$"""{"email":"{{Gateway.User}}","date":"{{today}}","cost":0.99}""", Gateway.Token(Admin)));

        Assert.Equal($"Cost for {Gateway.User} on {today} set to 0.99", (await response.JsonAsync()).GetProperty("message").GetString());
        Assert.Equal(0.99m, await Gateway.SpentAsync());
        await Gateway.FlushAsync();
        var rows = await LedgerRowsAsync();
        Assert.Equal(0.99m, rows.Sum(row => row.Cost));
        var row = (await Gateway.GetJsonAsync("/admin/usage", Gateway.Token(Admin))).GetProperty("data").EnumerateArray()
            .Single(row => row.GetProperty("email").GetString() == Gateway.User);
        Assert.Equal(0.99m, row.GetProperty("cost").GetDecimal());
    }

    [Theory]
    [InlineData("""{"email":"{user}","date":"2026-02-30","cost":1}""", "bad_json")]
    [InlineData("""{"email":"{user}","date":"2999-01-01","cost":1}""", "invalid_request")]
    [InlineData("""{"email":"{user}","date":"1999-01-01","cost":1}""", "invalid_request")]
    [InlineData("""{"email":"{user}","date":"{today}","cost":-1}""", "invalid_request")]
    [InlineData("""{"email":"","date":"{today}","cost":1}""", "invalid_request")]
    [InlineData("""{"email":"{user}","date":"{today}"}""", "bad_json")]
    [InlineData("""{"email":"{user}","date":"{today}","cost":"x"}""", "bad_json")]
    [InlineData("""nonsense""", "bad_json")]
    public async Task Wrong_correction_is_refused_and_changes_nothing(string body, string code)
    {
        body = body.Replace("{today}", TestClock.UtcToday.ToString("yyyy-MM-dd"), StringComparison.Ordinal)
            .Replace("{user}", Gateway.User, StringComparison.Ordinal);
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/admin/cost", body, Gateway.Token(Admin)));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(code, await response.CodeAsync());
        Assert.Equal(0m, await Gateway.SpentAsync());
    }

    [Fact]
    public async Task Cost_is_set_by_post_alone()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/admin/cost");
        request.Headers.Authorization = new("Bearer", Gateway.Token(Admin));
        using var response = await Gateway.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
    }
}
