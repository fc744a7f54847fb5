using System.Net;
using System.Text.Json;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Npgsql;

namespace AiPipe.Tests.Scenarios;

/// <summary>The filters, orders and pages of <c>/usage</c> on one set of records, which no test changes.</summary>
public sealed class UsageListQueryTests(PostgresFixture postgres, SharedGateway shared) : GatewayTest(postgres, shared),
    IClassFixture<SharedGateway>
{
    private const string Admin = "admin@example.com";

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
        var records = (await ListAsync(query)).Select(Read);
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
        using var response = await GetAsync(query);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (response.StatusCode, await response.CodeAsync()));
    }

    private static (string Email, string Date, decimal Cost, int Requests) Read(JsonElement record) =>
        (record.GetProperty("email").GetString()!, record.GetProperty("date").GetString()!, record.GetProperty("cost")
            .GetDecimal(), record.GetProperty("requests").GetInt32());

    private async Task<List<JsonElement>> ListAsync(string query) =>
        [.. (await Gateway.GetJsonAsync("/usage" + query, Gateway.Token(Admin))).GetProperty("data").EnumerateArray()];

    private Task<HttpResponseMessage> GetAsync(string query)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/usage" + query);
        request.Headers.Authorization = new("Bearer", Gateway.Token(Admin));
        return Gateway.Http.SendAsync(request);
    }

    private async Task FillAsync()
    {
        await using var source = NpgsqlDataSource.Create(Database);
        await using var connection = await source.OpenConnectionAsync();
        await using var command = new NpgsqlCommand("""
            insert into daily_spend (scope, day, cost, calls, entries) values
                ('user:a@example.com', '2026-02-01', 0.1, 9, 9), ('user:a@example.com', '2026-03-01', 0.2, 2, 2), ('user:a@example.com', '2026-03-02', 0.3, 8, 8),
                ('user:b@example.com', '2026-03-01', 0.4, 3, 3), ('user:c@example.com', '2026-02-28', 0.5, 1, 1),
                ('app:a@example.com|https://app.example', '2026-03-01', 0.2, 2, 2), ('together-everyone:*', '2026-03-01', 0.6, 5, 5)
            on conflict do nothing
            """, connection);
        await command.ExecuteNonQueryAsync();
    }
}
