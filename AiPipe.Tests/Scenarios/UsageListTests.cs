using System.Globalization;
using System.Net;
using System.Text.Json;
using AiPipe.Proxy.Journey.Authentication;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Npgsql;

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

    [Theory]
    [InlineData("?limit=1000", "a 03-02, a 03-01, b 03-01, c 02-28, a 02-01")]
    [InlineData("?month=2026-03", "a 03-02, a 03-01, b 03-01")]
    [InlineData("?month=2026-02&sort=cost", "c 02-28, a 02-01")]
    [InlineData("?month=2026-04", "")]
    [InlineData("?month=9999-12", "")]
    [InlineData("?email=A@example.com", "a 03-02, a 03-01, a 02-01")]
    [InlineData("?email=nobody@example.com", "")]
    [InlineData("?email=%25", "")]
    [InlineData("?sort=email", "c 02-28, b 03-01, a 03-02, a 03-01, a 02-01")]
    [InlineData("?sort=COST", "c 02-28, b 03-01, a 03-02, a 03-01, a 02-01")]
    [InlineData("?sort=requests", "a 02-01, a 03-02, b 03-01, a 03-01, c 02-28")]
    [InlineData("?sort=date&skip=1&limit=2", "a 03-01, b 03-01")]
    [InlineData("?skip=5", "")]
    [InlineData("?skip=99999999999999999999999", "")]
    [InlineData("?skip=&limit=&month=&email=&sort=", "a 03-02, a 03-01, b 03-01, c 02-28, a 02-01")]
    public async Task Admins_see_everybodys_filtered_sorted_and_in_pages(string query, string expected)
    {
        await FillAsync();
        var records = (await ListAsync(query, Admin)).Select(Read);
        Assert.Equal(expected, string.Join(", ", records.Select(record => $"{record.Email[0]} {record.Date[5..]}")));
    }

    [Theory]
    [InlineData("?month=2026-13")]
    [InlineData("?month=2026-3")]
    [InlineData("?month=2026-03-01")]
    [InlineData("?month=2026-03&month=2026-04")]
    [InlineData("?month=%00")]
    [InlineData("?limit=-1")]
    [InlineData("?limit=0")]
    [InlineData("?limit=10001")]
    [InlineData("?limit=1e3")]
    [InlineData("?skip=-1")]
    [InlineData("?skip=1.5")]
    [InlineData("?sort=__proto__")]
    [InlineData("?sort=cost;drop")]
    [InlineData("?sort=1")]
    [InlineData("?sort=Cost,Date")]
    public async Task Wrong_parameters_are_refused(string query)
    {
        using var response = await GetAsync(query, Admin);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (response.StatusCode, await response.CodeAsync()));
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
        (record.GetProperty("email").GetString()!, record.GetProperty("date").GetString()!, record.GetProperty("cost").GetDecimal(), record.GetProperty("requests").GetInt32());

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

    private async Task FillAsync()
    {
        await using var connection = new NpgsqlConnection(Database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("""
            insert into daily_spend (scope, day, cost, calls, entries) values
                ('user:a@example.com', '2026-02-01', 0.1, 9, 9), ('user:a@example.com', '2026-03-01', 0.2, 2, 2), ('user:a@example.com', '2026-03-02', 0.3, 8, 8),
                ('user:b@example.com', '2026-03-01', 0.4, 3, 3), ('user:c@example.com', '2026-02-28', 0.5, 1, 1),
                ('app:a@example.com|https://app.example', '2026-03-01', 0.2, 2, 2), ('together-everyone:*', '2026-03-01', 0.6, 5, 5)
            """, connection);
        await command.ExecuteNonQueryAsync();
    }
}
