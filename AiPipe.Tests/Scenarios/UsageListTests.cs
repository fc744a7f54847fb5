using System.Globalization;
using System.Net;
using System.Text.Json;
using AiPipe.Proxy.Callers;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Scenarios;

/// <summary>AI Proxy's <c>/usage</c>: a record per person and day, one's own for people, everybody's for admins.</summary>
public sealed class UsageListTests(PostgresFixture postgres) : GatewayTest(postgres)
{
    private const string Admin = "admin@example.com";
    private static readonly string Today = TestClock.UtcToday.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Own_records_have_the_cost_and_number_of_a_days_requests()
    {
        await CallAsync();
        await CallAsync();
        await CallAsync("bob@example.com");

        var record = Assert.Single(await ListAsync("?skip=0"));
        Assert.Equal(("ann@example.com", Today, 0.0009m, 2), Read(record));
        Assert.Equal(["email", "date", "cost", "requests"], record.EnumerateObject().Select(field => field.Name));
    }

    [Fact]
    public async Task Without_parameters_the_answer_stays_what_it_was()
    {
        var usage = await Gateway.GetJsonAsync("/usage?other=1");
        Assert.Equal(7, usage.GetProperty("days").GetInt32());
        Assert.False(usage.TryGetProperty("data", out _));
    }

    [Fact]
    public async Task People_cannot_ask_about_others()
    {
        await CallAsync("bob@example.com");
        using var response = await GetAsync("?email=bob@example.com", Gateway.Ann);
        Assert.Equal((HttpStatusCode.Forbidden, "admin_only"), (response.StatusCode, await response.CodeAsync()));
        Assert.Empty(await ListAsync("?email=ANN@example.com"));
    }

    [Fact]
    public async Task App_sees_what_it_spent_itself()
    {
        var payload = new TokenPayload { Email = Gateway.Ann, Aud = "https://app.example", Limit = 1, Days = 7 };
        var token = Jwt.Sign(payload.ToJson(), System.Text.Encoding.UTF8.GetBytes(Gateway.Secret));
        await CallAsync();
        using var call = await Gateway.Http.SendAsync(Gateway.Post("/openai/v1/chat/completions", """{"model":"gpt-4o-mini","messages":[]}""", token));
        Assert.Equal(HttpStatusCode.OK, call.StatusCode);

        var record = Assert.Single((await Gateway.GetJsonAsync("/usage?limit=5", token)).GetProperty("data").EnumerateArray());
        Assert.Equal((Gateway.Ann, Today, 0.00045m, 1), Read(record));
        Assert.Equal(2, Read(Assert.Single(await ListAsync("?limit=5"))).Requests);
    }

    private static (string Email, string Date, decimal Cost, int Requests) Read(JsonElement record) =>
        (record.GetProperty("email").GetString()!, record.GetProperty("date").GetString()!, record.GetProperty("cost")
            .GetDecimal(), record.GetProperty("requests").GetInt32());

    private async Task CallAsync(string email = Gateway.Ann)
    {
        using var response = await Gateway.Http.SendAsync(
            Gateway.Post("/openai/v1/chat/completions", """{"model":"gpt-4o-mini","messages":[]}""", Gateway.Token(email)));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private async Task<List<JsonElement>> ListAsync(string query, string email = Gateway.Ann) =>
        [.. (await Gateway.GetJsonAsync("/usage" + query, Gateway.Token(email))).GetProperty("data").EnumerateArray()];

    private Task<HttpResponseMessage> GetAsync(string query, string email)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/usage" + query);
        request.Headers.Authorization = new("Bearer", Gateway.Token(email));
        return Gateway.Http.SendAsync(request);
    }
}
