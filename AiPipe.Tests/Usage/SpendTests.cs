using System.Text.Json;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Usage;

/// <summary>What was spent, by date and by what it went to; and the same as a table.</summary>
public sealed class SpendTests(PostgresFixture postgres, SharedGateway shared)
    : GatewayTest(postgres, shared), IClassFixture<SharedGateway>
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Sums_are_by_date_model_and_app_and_corrections_count_on_their_date()
    {
        await StartOwnAsync();
        await LedgerRows.AddAsync(Database, Gateway.User, Noon, "a", cost: 0.25m);
        await LedgerRows.AddAsync(Database, Gateway.User, Noon.AddDays(1), "b", app: "https://a.example");
        await LedgerRows.AddAsync(Database, Gateway.User, Noon.AddDays(1), "b");
        await LedgerRows.AddAsync(
            Database, Gateway.User, Noon.AddDays(40), model: null, kind: "adjustment", cost: -0.5m, day: new DateOnly(2026, 3, 11),
            status: null);
        await LedgerRows.AddAsync(Database, Gateway.User, Noon.AddDays(2), "c");
        await LedgerRows.AddAsync(Database, "bob@example.com", Noon, "a");

        var spend = await Gateway.GetJsonAsync("/usage/spend?from=2026-03-10&to=2026-03-11");
        Assert.Equal((0.75m, 3), (Usd(spend), spend.GetProperty("calls").GetInt32()));
        Assert.Equal([("2026-03-10", 0.25m, 1), ("2026-03-11", 0.5m, 2)], Rows(spend, "days")
            .Select(day => (day.Text("date"), Usd(day), day.GetProperty("calls").GetInt32())));
        Assert.Equal([("b", 1m, 20m), ("a", 0.25m, 10m)], Rows(spend, "models")
            .Select(model => (model.Text("model"), Usd(model), model.GetProperty("input_tokens").GetDecimal())));
        Assert.Equal([("https://a.example", 0.5m)], Rows(spend, "apps").Select(app => (app.Text("app"), Usd(app))));
        Assert.Empty(Rows(spend, "keys"));

        var admin = Gateway.Token("admin@example.com");
        Assert.Equal(1.25m, Usd(await Gateway.GetJsonAsync("/admin/spend?from=2026-03-10&to=2026-03-11", admin)));
        Assert.Equal(0.5m, Usd(await Gateway.GetJsonAsync("/admin/spend?from=2026-03-10&to=2026-03-11&email=bob%40example.com", admin)));
    }

    [Fact]
    public async Task Without_dates_it_is_the_last_thirty_days_and_a_call_counts_at_once()
    {
        Assert.Null(await Gateway.CallAsync(Gateway.Token()));
        var spend = await Gateway.GetJsonAsync("/usage/spend");
        Assert.Equal(0.00045m, Usd(spend));
        Assert.Equal(29, DateOnly.Parse(spend.Text("to")).DayNumber - DateOnly.Parse(spend.Text("from")).DayNumber);
        Assert.Equal(0m, Usd(await Gateway.GetJsonAsync("/usage/spend", Gateway.Token("carl@example.com"))));
    }

    [Theory]
    [InlineData("", 6)]
    [InlineData("&outcome=ok", 1)]
    [InlineData("&outcome=failed", 1)]
    [InlineData("&outcome=cut", 3)]
    [InlineData("&outcome=estimated", 3)]
    [InlineData("&provider=OPENAI&model=a", 1)]
    [InlineData("&provider=groq", 0)]
    [InlineData("&app=https%3A%2F%2Fa.example", 1)]
    [InlineData("&key=0199b0f1-0000-7000-8000-000000000000", 0)]
    public async Task Sums_are_of_the_very_calls_that_the_list_has(string query, int calls)
    {
        await LedgerRows.AddAsync(Database, Gateway.User, Noon, "a");
        await LedgerRows.AddAsync(Database, Gateway.User, Noon, "b", status: 499, estimated: true);
        await LedgerRows.AddAsync(Database, Gateway.User, Noon, "c", status: 502);
        await LedgerRows.AddAsync(Database, Gateway.User, Noon, "d", kind: "abandoned", status: null, estimated: true);
        await LedgerRows.AddAsync(Database, Gateway.User, Noon, "e", estimated: true, app: "https://a.example");
        await LedgerRows.AddAsync(Database, Gateway.User, Noon, "f", kind: "unattributed", status: null);

        const string Dates = "from=2026-03-10&to=2026-03-10";
        var spend = await Gateway.GetJsonAsync($"/usage/spend?{Dates}{query}");
        var list = Rows(await Gateway.GetJsonAsync($"/usage/calls?{Dates}{query}"), "calls");
        Assert.Equal((calls, calls, calls * 0.5m), (spend.GetProperty("calls").GetInt32(), list.Count(), Usd(spend)));
    }

    [Theory]
    [InlineData("from=0001-01-01&to=9999-12-31")]
    [InlineData("from=2020-01-01&to=2021-01-01")]
    [InlineData("from=0001-01-01")]
    public async Task Too_many_days_are_refused(string query)
    {
        using var response = await Gateway.SendAsync(HttpMethod.Get, $"/usage/spend?{query}", Gateway.Token());
        Assert.Equal("invalid_request", await response.CodeAsync());
    }

    [Theory]
    [InlineData("from=9999-12-31&to=9999-12-31")]
    [InlineData("to=0001-01-01")]
    [InlineData("from=9999-12-31")]
    public async Task Ends_of_the_calendar_are_dates_like_any_other(string query) =>
        Assert.Equal(0m, Usd(await Gateway.GetJsonAsync($"/usage/spend?{query}")));

    [Fact]
    public async Task Table_is_whole_and_harmless_whatever_models_and_apps_are_called()
    {
        const string Formula = "=HYPERLINK(\"http://evil.example\",\"x\")";
        await LedgerRows.AddAsync(Database, Gateway.User, Noon, Formula);
        await LedgerRows.AddAsync(Database, Gateway.User, Noon.AddMinutes(-1), "a,b\r\n\u202Ec\u2066", app: "@sum|cmd");
        await LedgerRows.ExecuteAsync(Database, $$"""
            insert into ledger_entries (id, user_name, day, started_at, scopes, kind, model, cost, estimated)
            select gen_random_uuid(), '{{Gateway.User}}', date '2026-03-09', timestamptz '2026-03-09 00:00Z' + i * interval '1 second', array['user:{{Gateway.User}}'], 'call', 'm', 0.000000000001, false
            from generate_series(1, 2500) i
            """);
        await LedgerRows.AddAsync(Database, "bob@example.com", Noon, "bobs");

        using var response = await Gateway.SendAsync(HttpMethod.Get, "/usage/calls.csv", Gateway.Token());
        Assert.Equal("text/csv; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("attachment", response.Content.Headers.ContentDisposition!.DispositionType);
        var lines = (await response.Content.ReadAsStringAsync()).Split("\r\n");
        Assert.Equal("id,started_at,kind,provider,model,operation,app,key,cost_usd,estimated,status,latency_ms,first_byte_ms,input_tokens,output_tokens,trace_id", lines[0]);
        Assert.Contains("""
            ,"'=HYPERLINK(""http://evil.example"",""x"")",
            """.Trim(), lines[1], StringComparison.Ordinal);
        Assert.Contains(",\"a,b\uFFFD\uFFFD\uFFFDc\uFFFD\",,\"'@sum|cmd\",,0.5,false,200,", lines[2], StringComparison.Ordinal);
        Assert.Equal(1 + 2502 + 1, lines.Length);
        Assert.All(lines[3..^1], line => Assert.Contains(",0.000000000001,", line, StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains("bobs", StringComparison.Ordinal));

        using var all = await Gateway.SendAsync(HttpMethod.Get, "/admin/calls.csv?model=bobs", Gateway.Token("admin@example.com"));
        Assert.Contains(",\"bob@example.com\",call,", await all.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reader_who_takes_nothing_holds_nothing_of_the_database()
    {
        await LedgerRows.ExecuteAsync(Database, $$"""
            insert into ledger_entries (id, user_name, day, started_at, scopes, kind, model, cost, estimated)
            select gen_random_uuid(), '{{Gateway.User}}', date '2026-03-09', timestamptz '2026-03-09 00:00Z' + i * interval '1 second', array['user:{{Gateway.User}}'], 'call', repeat('m', 200), 1, false
            from generate_series(1, 100000) i
            """);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/usage/calls.csv");
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {Gateway.Token()}");
        using var response = await Gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.True(response.IsSuccessStatusCode);

        // 36 MB do not fit between two sockets: it waits for its reader, and no statement, transaction or lock waits with it.
        await Eventually.TrueAsync(async () => await BusyAsync() == 0, "Postgres being left alone");
        Assert.Equal(0.00045m, await SpendOfAsync("bob@example.com"));
    }

    private async Task<decimal> SpendOfAsync(string user)
    {
        Assert.Null(await Gateway.CallAsync(Gateway.Token(user)));
        return Usd(await Gateway.GetJsonAsync("/usage/spend", Gateway.Token(user)));
    }

    private async Task<long> BusyAsync()
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(Database);
        await using var command = source.CreateCommand(
            "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static JsonElement.ArrayEnumerator Rows(JsonElement spend, string name) => spend.GetProperty(name).EnumerateArray();

    private static decimal Usd(JsonElement json) => json.GetProperty("cost").GetDecimal();
}
