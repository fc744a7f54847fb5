using System.Net;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using static AiPipe.Tests.Settings.SettingsClient;

namespace AiPipe.Tests.Settings;

/// <summary>What an admin changes while the gateway runs.</summary>
public sealed class SettingsTests(PostgresFixture postgres, SharedGateway shared)
    : GatewayTest(postgres, shared), IClassFixture<SharedGateway>
{
    private const string Bob = "bob@example.com";

    protected override void Configure(Dictionary<string, string?> settings)
    {
        settings["AiPipe:Roles:second@example.com"] = "admin";
        settings["AiPipe:Salts:salty@example.com"] = "the-salt-of-the-file";
        settings["AiPipe:Prices:openai:llama3:Input"] = "1";
        settings["AiPipe:Prices:openai:llama3:Output"] = "1";
        settings["AiPipe:Prices:openai:llama3:8b:Input"] = "3";
        settings["AiPipe:Prices:openai:llama3:8b:Output"] = "3";
    }

    [Fact]
    public async Task Next_call_obeys_a_changed_budget_and_the_files_holds_again_when_asked_for()
    {
        await StartOwnAsync();
        Assert.Null(await Gateway.CallAsync(Gateway.Token(Bob)));
        var entry = await Gateway.ChangeAsync(
            new { path = Path("Budgets", "Bob@Example.com"), value = new { Limit = 0, Days = 1 }, note = "left" });
        Assert.Equal(("Bob@Example.com", "runtime", Admin), (entry.Text("name"), entry.Text("source"), entry.Text("changed_by")));

        Assert.Equal("budget_spent", await Gateway.CallAsync(Gateway.Token(Bob)));
        Assert.Null(await Gateway.CallAsync(Gateway.Token()));

        await Gateway.ChangeAsync(
            new
            {
                path = Path("Budgets", Bob),
                value = new
                {
                    Limit = 2.5m,
                    Period = "month",
                    Models = new Dictionary<string,
            object>
                    { ["llama3:8b"] = new { Limit = 0, Days = 1 } }
                }
            });
        Assert.Equal(2.5m, await Gateway.LimitAsync(Bob));

        Assert.Equal("file", (await Gateway.ChangeAsync(new { path = Path("Budgets", Bob) })).Text("source"));
        Assert.Equal(1m, await Gateway.LimitAsync(Bob));
        Assert.Null(await Gateway.CallAsync(Gateway.Token(Bob)));
    }

    [Fact]
    public async Task List_tells_what_files_would_say_again()
    {
        await StartOwnAsync();
        await Gateway.ChangeAsync(new { path = Path("Budgets", Bob), value = new { Limit = 0, Days = 1 } });
        await Gateway.ChangeAsync(new { path = Path("Salts", "Salty@Example.com"), value = "another-salt" });
        async Task<bool> InFilesAsync(string section, string name) =>
            (await Gateway.SettingAsync(section, name))!.Value.GetProperty("in_files").GetBoolean();

        Assert.False(await InFilesAsync("Budgets", Bob));
        Assert.True(await InFilesAsync("Salts", "Salty@Example.com"));
        Assert.True(await InFilesAsync("Providers", "openai"));
    }

    [Fact]
    public async Task Taking_away_everybodys_budget_leaves_nobody_one()
    {
        await StartOwnAsync();
        await Gateway.ChangeAsync("""{ "path": ["Budgets", "*"], "value": null }""");

        Assert.Equal(0m, await Gateway.LimitAsync(Bob));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await Gateway.SettingAsync("Budgets", "*"))!.Value.GetProperty("value")
            .ValueKind);
    }

    [Theory]
    [InlineData("""{ "path": ["Budgets", "ann@example.com"], "value": { "Limit": -1, "Days": 7 } }""", "AiPipe:Budgets:ann@example.com:Limit must be a number of USD from 0 to 9000000, such as 0.1.")]
    [InlineData("""{ "path": ["Budgets", "ann"], "value": { "Limit": 1, "Days": 7 } }""", "is neither a setting nor the name of a budget")]
    [InlineData("""{ "path": ["Budgets", "ann@example.com"], "value": { "Limit": 1, "Days": 7, "limit": 2 } }""", "has \"limit\" twice")]
    [InlineData("""{ "path": ["Budgets", "Together"], "value": { "Teams": { "none": { "Limit": 1, "Days": 7 } } } }""", "AiPipe:Budgets:Together:Teams:none is not a team")]
    [InlineData("""{ "path": ["Budgets", "replicalife"], "value": "0:00:01" }""", "is read at the start only")]
    [InlineData("""{ "path": ["Logins", "Domains"], "value": [] }""", "must begin with one of")]
    [InlineData("""{ "path": ["Prices", "openai"], "value": {} }""", "must be [\"Prices\", provider, model]")]
    [InlineData("""{ "path": ["Budgets", "a\u0000b@example.com"], "value": { "Limit": 1, "Days": 7 } }""", "control characters")]
    [InlineData("""{ "path": ["Budgets", " "], "value": { "Limit": 1, "Days": 7 } }""", "is empty")]
    [InlineData("""{ "path": ["Providers", "admin"], "value": { "BaseUrl": "https://a.example" } }""", "one of our own paths")]
    [InlineData("""{ "path": ["Providers", "__proto__"], "value": { "Keys": ["k"] } }""", "AiPipe:Providers:__proto__:BaseUrl is missing")]
    [InlineData("""{ "path": ["Providers", "openai"], "value": { "Keys": ["sk-…zzzz"] } }""", "AiPipe:Providers:openai:Keys:0 is the mask of a secret")]
    [InlineData("""{ "path": ["Providers", "openai"], "value": { "Keys": [{ "Id": "sec_000000000000" }] } }""", "AiPipe:Providers:openai:Keys:0 has the id of no stored secret")]
    [InlineData("""{ "path": ["Providers", "openai"], "value": { "Keys": [{ "Mask": "sk-…ours" }] } }""", "AiPipe:Providers:openai:Keys:0:Mask is the mask of a secret")]
    [InlineData("""{ "path": ["Prices", "openai", "m"], "value": { "Input": 1 } }""", "AiPipe:Prices:openai:m:Output is missing")]
    [InlineData("""{ "path": ["Prices", "openai", "m"], "value": { "Input": 1, "Output": 1e99 } }""", "is not a price")]
    [InlineData("""{ "path": ["Roles", "@example.com"], "value": "admin" }""", "would make a whole domain admins")]
    [InlineData("""{ "path": ["Salts", "ann@example.com"], "value": "…" }""", "AiPipe:Salts:ann@example.com is the mask of a secret")]
    [InlineData("""{ "path": ["RateLimits", "Providers"], "value": { "nobody": { "RequestsPerMinute": 1 } } }""", "is not a provider")]
    public async Task Wrong_value_is_told_in_the_words_of_the_start_and_changes_nothing(string change, string line)
    {
        var before = (await Gateway.SettingsAsync()).ToString();
        var (status, code, message) = await Gateway.RefusedAsync(change);

        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (status, code));
        Assert.Contains(line, message, StringComparison.Ordinal);
        Assert.Equal(before, (await Gateway.SettingsAsync()).ToString());
        Assert.Empty(await Gateway.AuditAsync());
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("""{ "path": ["Budgets", "*"], "vaule": { "Limit": 1, "Days": 7 } }""")]
    [InlineData("""{ "path": "Budgets", "value": {} }""")]
    [InlineData("""{ "path": ["Budgets", "\ud800"], "value": {} }""")]
    public async Task What_is_no_change_is_refused(string body) => Assert.Equal("bad_json", (await Gateway.RefusedAsync(body)).Code);

    [Fact]
    public async Task A_document_of_a_megabyte_is_too_large()
    {
        using var response = await Gateway.SendAsync(HttpMethod.Post, "/admin/settings", Gateway.Token(Admin),
            $$"""{ "path": ["Teams", "all"], "value": { "Members": ["{{new string('a', 1 << 20)}}@example.com"] } }""");
        Assert.Equal("body_too_large", await response.CodeAsync());
    }

    [Theory]
    [InlineData("Header", "Authorization")]
    [InlineData("Query", "key")]
    public async Task Nor_does_what_a_route_sends_of_its_own(string field, string name)
    {
        await StartOwnAsync();
        object Route(string? endpoint) => new
        {
            path = Path("Routes", "1"),
            value = new
            {
                Path = "/r",
                Targets = new object[
] { new Dictionary<string,
                object?> { ["Provider"] = "openai", ["Model"] = "gpt-4o-mini", ["Endpoint"] = endpoint, [field] = new Dictionary<string,
                string> { [name] = "s3cret-of-the-route" } } }
            },
        };
        var change = """{ "path": ["Providers", "OpenAI"], "value": { "BaseUrl": "https://evil.example", "Keys": ["sk-known-to-whoever-asks"] } }""";
        await Gateway.ChangeAsync(Route(endpoint: null));
        Assert.Equal("AiPipe:Providers:openai:BaseUrl leads to another host than the headers and parameters of the route 1 were given "
            + "for: give the route an Endpoint, or take it away first.",
            (await Gateway.RefusedAsync(change)).Message);

        // Where it says itself where it goes, it does not follow.
        await Gateway.ChangeAsync(Route("https://llm.example/v1/chat/completions"));
        await Gateway.ChangeAsync(change);
    }

    [Fact]
    public async Task Provider_without_keys_is_none_even_where_the_file_has_some()
    {
        await StartOwnAsync();
        await Gateway.ChangeAsync("""{ "path": ["Providers", "openai"], "value": null, "note": "leaked" }""");
        Assert.Equal("provider_not_configured", await Gateway.CallAsync(Gateway.Token()));

        await Gateway.ChangeAsync(new { path = Path("Providers", "openai") });
        Assert.Null(await Gateway.CallAsync(Gateway.Token()));
    }

    [Fact]
    public async Task Price_of_a_model_with_slashes_and_colons_is_its_own()
    {
        await StartOwnAsync();
        await Gateway.ChangeAsync(new { path = Path("Prices", "openai", "llama3"), value = new { Input = 10, Output = 20 } });
        await Gateway.ChangeAsync(new { path = Path("Prices", "openai", "vendor/model:free"), value = new { Free = true } });

        var prices = (await Gateway.GetJsonAsync("/admin/prices?provider=openai&limit=1000", Gateway.Token(Admin))).GetProperty("prices")
            .EnumerateArray()
            .Where(price => price.Text("source") == "override")
                .ToDictionary(price => price.Text("model"), price => price.GetProperty("input").GetDecimal());
        Assert.Equal([KeyValuePair.Create("llama3", 10m), KeyValuePair.Create("llama3:8b", 3m),
            KeyValuePair.Create("vendor/model:free", 0m)], prices);
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/openai/v1/chat/completions", """{"model":"vendor/model:free","messages":[]}"""));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(0m, await Gateway.SpentAsync());
    }

    [Fact]
    public async Task Nobody_locks_the_last_admin_out()
    {
        await StartOwnAsync();
        const string Second = "second@example.com";
        Assert.Contains("no admin any more", (await Gateway.RefusedAsync("""{ "path": ["Roles", "second@example.com"], "value": null }""", Second)).Message, StringComparison.Ordinal);
        Assert.Contains("your own token", (await Gateway.RefusedAsync(new { path = Path("Salts", Second), value = "pepper" }, Second))
            .Message, StringComparison.Ordinal);
        // Whom the operator named stays one, whatever stands in the table.
        await Gateway.ChangeAsync(new { path = Path("Roles", Admin), value = "person" }, Second);
        await Gateway.ChangeAsync("""{ "path": ["Roles", "second@example.com"], "value": null }""");
        Assert.Equal("admin_only", (await Gateway.RefusedAsync(new { path = Path("Roles", Second), value = "admin" }, Second)).Code);
    }

    [Fact]
    public async Task Who_has_seen_an_older_version_overwrites_nothing()
    {
        await StartOwnAsync();
        var seen = (await Gateway.ChangeAsync(new { path = Path("Budgets", Bob), value = new { Limit = 2, Days = 1 } }))
            .GetProperty("version").GetInt64();
        await Gateway.ChangeAsync(
            new { path = Path("Budgets", Bob), value = new { Limit = 3, Days = 1 }, version = seen }, "second@example.com");

        var (status, code, message) =
            await Gateway.RefusedAsync(new { path = Path("Budgets", Bob), value = new { Limit = 4, Days = 1 }, version = seen });
        Assert.Equal((HttpStatusCode.Conflict, "changed_meanwhile"), (status, code));
        Assert.Contains("second@example.com", message, StringComparison.Ordinal);
        Assert.Equal(3m, await Gateway.LimitAsync(Bob));
    }
}
