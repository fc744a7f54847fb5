using System.Net;
using System.Text.Json;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using AiPipe.Tests.Usage;
using Npgsql;

namespace AiPipe.Tests.Accounts.Keys;

/// <summary>People make keys for their programs; a key spends its person's money, within its own limit, and manages nothing.</summary>
public sealed class KeyTests(PostgresFixture postgres, SharedGateway shared)
    : GatewayTest(postgres, shared), IClassFixture<SharedGateway>
{
    private const string Admin = "admin@example.com";
    private const string Chat = """{"model":"gpt-4o-mini","max_tokens":500,"messages":[]}""";

    [Fact]
    public async Task Key_calls_within_its_own_limit_and_its_persons_and_the_ledger_names_it()
    {
        var made = await MakeAsync(new { name = " laptop ", limit = 0.0009, days = 3 });
        var key = made.Text("key");
        Assert.Matches("^sk-cfw[0-9A-Za-z]{40}$", key);
        Assert.Equal((key[..10], "laptop", 0.0009m, 3),
            (made.Text("prefix"), made.Text("name"), Usd(made, "limit"), made.GetProperty("days").GetInt32()));
        Assert.Null(await Gateway.CallAsync(key));
        Assert.Null(await Gateway.CallAsync(key));

        // A third fits her budget, but no longer the key's.
        Assert.Equal("budget_spent", await Gateway.CallAsync(key));
        Assert.Null(await Gateway.CallAsync(Gateway.Token()));

        var usage = await Gateway.GetJsonAsync("/usage", key);
        Assert.Equal((0.0009m, 0.0009m, 3, Gateway.User),
            (Usd(usage, "limit"), Usd(usage, "spent"), usage.GetProperty("days").GetInt32(), usage.Text("email")));
        Assert.Equal([("user", Gateway.User), ("key", made.Text("id"))], usage.GetProperty("scopes").EnumerateArray()
            .Select(scope => (scope.Text("kind"), scope.Text("name"))));
        Assert.Equal(0.00135m, await Gateway.SpentAsync());

        var listed = Assert.Single(await KeysAsync());
        Assert.Equal((0.0009m, 0m, 0m, true),
            (Usd(listed, "spent"), Usd(listed, "held"), Usd(listed, "remaining"), listed.GetProperty("active").GetBoolean()));
        Assert.True(listed.TryGetProperty("last_used_at", out _));
        Assert.False(listed.TryGetProperty("key", out _));
        var calls = (await Gateway.GetJsonAsync($"/usage/calls?key={made.Text("id")}")).GetProperty("calls").EnumerateArray().ToList();
        Assert.Equal([made.Text("id"), made.Text("id")], calls.Select(call => call.Text("key")));
        var spend = Assert.Single((await Gateway.GetJsonAsync("/usage/spend")).GetProperty("keys").EnumerateArray());
        Assert.Equal((made.Text("id"), "laptop", 0.0009m), (spend.Text("key"), spend.Text("name"), Usd(spend, "cost")));
    }

    [Fact]
    public async Task Key_of_somebody_over_budget_is_refused_like_they_are()
    {
        var key = (await MakeAsync(new { name = "rich", limit = 1_000_000, period = "month" })).Text("key");
        using var spent = await Gateway.SendAsync(HttpMethod.Post, "/admin/cost", Gateway.Token(Admin),
            new { email = Gateway.User, date = TestClock.UtcToday, cost = 5 });
        Assert.True(spent.IsSuccessStatusCode);
        Assert.Equal("budget_spent", await Gateway.CallAsync(key));
    }

    [Theory]
    [InlineData("x-api-key")]
    [InlineData("x-goog-api-key")]
    [InlineData("?key=")]
    public async Task Keys_are_taken_wherever_tokens_are(string where)
    {
        var key = (await MakeAsync(new { name = "k" })).Text("key");
        var query = where == "?key=" ? where + key : "";
        using var request = new HttpRequestMessage(HttpMethod.Post, "/gemini/models/gemini-2.5-flash:generateContent" + query)
        {
            Content = new StringContent("""{"contents":[{"parts":[{"text":"hi"}]}]}""", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")),
        };
        if (query.Length == 0) request.Headers.TryAddWithoutValidation(where, key);
        Provider.Answer = (http, _) => Answers.Json(http, """{"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":5}}""");
        using var response = await Gateway.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var seen = Provider.Seen.Single();
        Assert.DoesNotContain(key, seen.Target + string.Concat(seen.Headers.Values), StringComparison.Ordinal);
        Assert.DoesNotContain(Gateway.Logs.Lines, line => line.Contains(key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reset_gives_another_text_and_a_call_in_flight_ends_in_peace()
    {
        var made = await MakeAsync(new { name = "k" });
        var (old, arrived, goOn) = (made.Text("key"), new TaskCompletionSource(), new TaskCompletionSource());
        Provider.Answer = async (http, _) =>
        {
            arrived.TrySetResult();
            await goOn.Task;
            await Answers.Json(http, Answers.Chat(1000, 500));
        };
        var inFlight = Gateway.Http.SendAsync(Gateway.Post("/openai/v1/chat/completions", Chat, old));
        await arrived.Task.WaitAsync(Eventually.Limit);

        using var reset = await Gateway.SendAsync(HttpMethod.Post, $"/keys/{made.Text("id")}/reset", Gateway.Token());
        var now = (await reset.JsonAsync()).Text("key");
        Assert.Equal("token_invalid", await Gateway.CallAsync(old));
        goOn.SetResult();
        Assert.Equal(HttpStatusCode.OK, (await inFlight).StatusCode);
        Assert.Null(await Gateway.CallAsync(now));
        var calls = (await Gateway.GetJsonAsync($"/usage/calls?key={made.Text("id")}", now)).GetProperty("calls");
        Assert.Equal(2, calls.GetArrayLength());
        Assert.Equal(now[..10], Assert.Single(await KeysAsync()).Text("prefix"));
    }

    [Fact]
    public async Task Deleted_key_stops_at_once_and_only_its_owner_or_an_admin_can_do_it()
    {
        var (first, second) = (await MakeAsync(new { name = "one" }), await MakeAsync(new { name = "two" }));
        foreach (var (method, path) in new[] { (HttpMethod.Delete, ""), (HttpMethod.Post, "/reset") })
        {
            using var stranger = await Gateway.SendAsync(method, $"/keys/{first.Text("id")}{path}", Gateway.Token("bob@example.com"));
            Assert.Equal("not_found", await stranger.CodeAsync());
        }
        Assert.Null(await Gateway.CallAsync(first.Text("key")));

        for (var time = 0; time < 2; time++)
        {
            using var deleted = await Gateway.SendAsync(HttpMethod.Delete, $"/keys/{first.Text("id")}", Gateway.Token());
            Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        }
        Assert.Equal("token_invalid", await Gateway.CallAsync(first.Text("key")));
        using var gone = await Gateway.SendAsync(HttpMethod.Post, $"/keys/{first.Text("id")}/reset", Gateway.Token());
        Assert.Equal("not_found", await gone.CodeAsync());

        var seen = (await Gateway.GetJsonAsync($"/admin/keys?email={Uri.EscapeDataString(Gateway.User)}", Gateway.Token(Admin)))
            .GetProperty("keys").EnumerateArray().ToList();
        Assert.Equal([("two", true), ("one", false)], seen.Select(key => (key.Text("name"), key.GetProperty("active").GetBoolean())));
        using var byAdmin = await Gateway.SendAsync(HttpMethod.Delete, $"/admin/keys/{second.Text("id")}", Gateway.Token(Admin));
        Assert.Equal(HttpStatusCode.NoContent, byAdmin.StatusCode);
        Assert.Equal("token_invalid", await Gateway.CallAsync(second.Text("key")));
        var audit = (await Gateway.GetJsonAsync("/admin/audit", Gateway.Token(Admin))).GetProperty("entries").EnumerateArray();
        var written = Assert.Single(audit, entry => entry.Text("subject") == Gateway.User);
        Assert.Equal((Admin, "key.delete", Gateway.User, "two"),
            (written.Text("who"), written.Text("action"), written.Text("subject"), written.GetProperty("before").Text("name")));
    }

    [Theory]
    [InlineData("GET", "/keys", "api_key_refused")]
    [InlineData("POST", "/keys", "api_key_refused")]
    [InlineData("GET", "/grants", "api_key_refused")]
    [InlineData("GET", "/admin/keys", "admin_only")]
    [InlineData("GET", "/admin/calls", "admin_only")]
    [InlineData("GET", "/admin/usage", "admin_only")]
    public async Task Key_manages_nothing_not_even_an_admins(string method, string path, string code)
    {
        var key = (await MakeAsync(new { name = "k" }, Admin)).Text("key");
        using var response = await Gateway.SendAsync(new HttpMethod(method), path, key, method == "POST" ? new { name = "more" } : null);
        Assert.Equal((HttpStatusCode.Forbidden, code), (response.StatusCode, await response.CodeAsync()));
    }

    [Fact]
    public async Task Expired_key_is_refused()
    {
        var made = await MakeAsync(new { name = "k", expires_in_days = 1 });
        Assert.True(made.TryGetProperty("expires_at", out _));
        await LedgerRows.ExecuteAsync(Database, $"update api_keys set expires_at = expires_at - interval '1 day', changed_at = now() "
            + $"where id = '{made.Text("id")}'; update changes set version = version + 1 where part = 'keys'");
        await Eventually.TrueAsync(async () => await Gateway.CallAsync(made.Text("key")) == "key_expired", "the key's end");
        using var reset = await Gateway.SendAsync(HttpMethod.Post, $"/keys/{made.Text("id")}/reset", Gateway.Token());
        Assert.Equal("not_found", await reset.CodeAsync());
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"name":"  "}""")]
    [InlineData("""{"name":"a\nb"}""")]
    [InlineData("""{"name":"k","limit":-1}""")]
    [InlineData("""{"name":"k","limit":1e28}""")]
    [InlineData("""{"name":"k","limit":1,"days":0}""")]
    [InlineData("""{"name":"k","limit":1,"days":7,"period":"month"}""")]
    [InlineData("""{"name":"k","limit":1,"period":"week"}""")]
    [InlineData("""{"name":"k","days":7}""")]
    [InlineData("""{"name":"k","expires_in_days":100000}""")]
    public async Task Nonsense_is_refused(string body)
    {
        using var response = await Gateway.SendAsync(HttpMethod.Post, "/keys", Gateway.Token(), body);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (response.StatusCode, await response.CodeAsync()));
    }

    [Theory]
    [InlineData("""{"name":"k","name":"l"}""")]
    [InlineData("""{"name":"\ud800"}""")]
    [InlineData("""{"name":1}""")]
    [InlineData("""[]""")]
    public async Task What_is_no_wish_for_a_key_is_refused(string body)
    {
        using var response = await Gateway.SendAsync(HttpMethod.Post, "/keys", Gateway.Token(), body);
        Assert.Equal((HttpStatusCode.BadRequest, "bad_json"), (response.StatusCode, await response.CodeAsync()));
    }

    [Fact]
    public async Task Only_the_hash_of_a_key_is_kept_and_names_come_back_as_they_were()
    {
        const string Name = "<script>alert(1)</script>\u202E =1+1, \"x\"";
        var made = await MakeAsync(new { name = Name });
        Assert.Equal(Name, Assert.Single(await KeysAsync()).Text("name"));

        await using var source = NpgsqlDataSource.Create(Database);
        await using var command = source.CreateCommand($"select api_keys::text from api_keys where id = '{made.Text("id")}'");
        Assert.DoesNotContain(made.Text("key")[10..], (string)(await command.ExecuteScalarAsync())!, StringComparison.Ordinal);
    }

    private async Task<JsonElement> MakeAsync(object terms, string? user = null) => await Gateway.MakeKeyAsync(terms, user);

    private async Task<List<JsonElement>> KeysAsync() => [.. (await Gateway.GetJsonAsync("/keys")).GetProperty("keys").EnumerateArray()];

    private static decimal Usd(JsonElement json, string name) => json.GetProperty(name).GetDecimal();
}

internal static class KeyClient
{
    /// <summary>Somebody makes a key; the answer.</summary>
    public static async Task<JsonElement> MakeKeyAsync(this Gateway gateway, object terms, string? user = null)
    {
        using var response = await gateway.SendAsync(HttpMethod.Post, "/keys", gateway.Token(user), terms);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return await response.JsonAsync();
    }
}
