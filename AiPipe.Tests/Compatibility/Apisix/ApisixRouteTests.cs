using System.Net;
using System.Text.Json;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Settings;
using AiPipe.Tests.Support;
using Microsoft.Extensions.Options;
using Npgsql;
using static AiPipe.Tests.Compatibility.Apisix.ApisixClient;

namespace AiPipe.Tests.Compatibility.Apisix;

/// <summary>Routes by APISIX's Admin API: made, read, changed, taken away, and by whom.</summary>
public sealed class ApisixRouteTests(PostgresFixture postgres, SharedGateway shared)
    : GatewayTest(postgres, shared), IClassFixture<SharedGateway>
{
    protected override void Configure(Dictionary<string, string?> settings)
    {
        (settings["ADMIN_API_KEY"], settings["AiPipe:Logins:Origins:0"]) = (Key, "https://pipe.example");
        settings["AiPipe:Routes:0:Path"] = "/from-file";
        settings["AiPipe:Routes:0:Targets:0:Provider"] = "openai";
        settings["AiPipe:Routes:0:Targets:0:Model"] = "gpt-4o-mini";
        settings["AiPipe:Routes:0:Options:max_tokens"] = "512";
    }

    [Fact]
    public async Task Printed_example_is_created_then_updated_and_comes_back_with_every_default_and_no_secret()
    {
        await StartOwnAsync();
        using var created = await Gateway.ApisixAsync(HttpMethod.Put, "/1", Printed);
        using var updated = await Gateway.ApisixAsync(HttpMethod.Put, "/1", Printed);
        using var read = await Gateway.ApisixAsync(HttpMethod.Get, "/1");

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.OK),
            (created.StatusCode, updated.StatusCode, read.StatusCode));
        var entry = await read.JsonAsync();
        Assert.Equal("/apisix/routes/1", entry.GetProperty("key").GetString());
        var value = entry.GetProperty("value");
        Assert.True(value.GetProperty("create_time").GetInt64() <= value.GetProperty("update_time").GetInt64());
        var plugin = value.GetProperty("plugins").GetProperty("ai-proxy");
        Assert.Equal("Bea…ken>", plugin.GetProperty("auth").GetProperty("header").GetProperty("Authorization").GetString());
        Assert.Equal("""{"provider":"openai","name":"gpt-4","options":{"max_tokens":512,"temperature":1.0,"stream":false}}""", Compact(plugin.GetProperty("model")));
        Assert.Equal("""{"type":"roundrobin","nodes":{"somerandom.com:443":1},"scheme":"https","pass_host":"node"}""", Compact(value.GetProperty("upstream")));
        Assert.Equal((false, 3000, true, 60000, 30, true),
            (plugin.GetProperty("passthrough").GetBoolean(), plugin.GetProperty("timeout").GetInt32(), plugin.GetProperty("keepalive")
            .GetBoolean(),
            plugin.GetProperty("keepalive_timeout").GetInt32(), plugin.GetProperty("keepalive_pool")
                .GetInt32(), plugin.GetProperty("ssl_verify").GetBoolean()));
    }

    [Fact]
    public async Task Nobody_is_sent_back_to_a_route_with_their_token()
    {
        using var refused = await Gateway.SendAsync(
            HttpMethod.Post, "/grants", Gateway.Token(), new { redirect = "https://pipe.example/from-file?x=1" });
        Assert.Equal((HttpStatusCode.BadRequest, "redirect_refused"), (refused.StatusCode, await refused.CodeAsync()));
    }

    [Fact]
    public async Task Secrets_are_sealed_in_the_table_masked_in_the_audit_and_stay_when_a_route_is_sent_back()
    {
        await StartOwnAsync();
        await Gateway.PutRouteAsync("1", Printed.Replace("<some-token>", "sk-a-secret-of-openai", StringComparison.Ordinal));
        using var patched = await Gateway.ApisixAsync(HttpMethod.Patch, "/1", """{"desc":"mine","plugins":{"ai-proxy":{"timeout":5000}}}""");

        Assert.True(patched.IsSuccessStatusCode, await patched.Content.ReadAsStringAsync());
        Assert.Equal(5000, (await patched.JsonAsync()).GetProperty("value").GetProperty("plugins").GetProperty("ai-proxy")
            .GetProperty("timeout").GetInt32());
        Assert.DoesNotContain("sk-a-secret", await StoredAsync(), StringComparison.Ordinal);
        var audit = await Gateway.AuditAsync();
        Assert.All(audit, entry =>
            Assert.Equal(("apisix-admin-key", "Routes/1"),
            (entry.GetProperty("who").GetString(), entry.GetProperty("subject").GetString())));
        Assert.Equal(2, audit.Count);
        Assert.DoesNotContain("sk-a-secret", JsonSerializer.Serialize(audit), StringComparison.Ordinal);
        var settings = Gateway.Services.GetService(typeof(Proxy.Routing.RouteTable)) as Proxy.Routing.RouteTable;
        Assert.True(settings!.TryFind("POST", "/anything", out var route));
        Assert.Equal("Bearer sk-a-secret-of-openai", Assert.Single(Assert.Single(route.Targets).Headers).Value);
    }

    [Fact]
    public async Task Routes_are_listed_with_those_of_files_and_deleted_ones_are_gone()
    {
        await StartOwnAsync();
        using var made = await Gateway.ApisixAsync(HttpMethod.Post, "", Route(uri: "/posted"));
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var id = (await made.JsonAsync()).GetProperty("value").GetProperty("id").GetString();
        Assert.Equal(["/from-file", "/posted"], (await UrisAsync()).Order());

        foreach (var gone in (string[])[id!, "0"])
        {
            using var deleted = await Gateway.ApisixAsync(HttpMethod.Delete, "/" + gone);
            Assert.Equal($$"""{"key":"/apisix/routes/{{gone}}","deleted":"1"}""", Compact(await deleted.JsonAsync()));
        }
        Assert.Empty(await UrisAsync());
        using var again = await Gateway.ApisixAsync(HttpMethod.Delete, "/0");
        using var none = await Gateway.ApisixAsync(HttpMethod.Get, "/" + id);
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (again.StatusCode, none.StatusCode));
    }

    [Fact]
    public async Task Only_the_key_and_admins_manage_routes_and_guessing_is_ended()
    {
        await StartOwnAsync();
        using var admin = await Gateway.ApisixAsync(HttpMethod.Put, "/a", Route(), Gateway.Token(SettingsClient.Admin));
        using var ann = await Gateway.ApisixAsync(HttpMethod.Get, "", key: Gateway.Token());
        using var nobody = await Gateway.ApisixAsync(HttpMethod.Get, "", key: null);
        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Forbidden, HttpStatusCode.Unauthorized),
            (admin.StatusCode, ann.StatusCode, nobody.StatusCode));
        Assert.Equal(SettingsClient.Admin, Assert.Single(await Gateway.AuditAsync()).GetProperty("who").GetString());
        await using var still = await Gateway.StartStillAsync(Database, Configure);
        for (var i = 0; i < 19; i++)
        {
            using var wrong = await still.ApisixAsync(HttpMethod.Get, "", key: $"wrong-key-{i}");
            Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        }
        // A token of one's own beside the guess is no way round.
        using var request = new HttpRequestMessage(HttpMethod.Get, "/apisix/admin/routes");
        request.Headers.Authorization = new("Bearer", still.Token());
        request.Headers.Add("X-API-KEY", "one-more-guess");
        using var guess = await still.Http.SendAsync(request);
        using var right = await still.ApisixAsync(HttpMethod.Get, "");
        Assert.Equal((HttpStatusCode.TooManyRequests, "rate_limited"), (right.StatusCode, await right.CodeAsync()));
        await using var unset = await Gateway.StartAsync(await Postgres.NewDatabaseAsync());
        using var closed = await unset.ApisixAsync(HttpMethod.Get, "");
        Assert.Equal(HttpStatusCode.Unauthorized, closed.StatusCode);
    }

    [Theory]
    [InlineData("PUT", "", 405)]
    [InlineData("POST", "/1", 405)]
    [InlineData("PUT", "/a%20b", 400)]
    [InlineData("PATCH", "/9", 404)]
    public async Task Other_methods_and_ids_are_refused(string method, string path, int status)
    {
        using var response = await Gateway.ApisixAsync(new HttpMethod(method), path, Printed);
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("PUT", """{"\ud800":1}""")]
    [InlineData("PUT", """{"uri":"/a","uri":"/b"}""")]
    [InlineData("PATCH", """{"plugins":{"\ud800":1}}""")]
    [InlineData("PATCH", """{"desc":"\ud800"}""")]
    [InlineData("PUT", "[")]
    public async Task Body_that_is_no_route_is_refused_as_that(string method, string json)
    {
        using var response = await Gateway.ApisixAsync(new HttpMethod(method), "/0", json);
        Assert.Equal((HttpStatusCode.BadRequest, "bad_json"), (response.StatusCode, await response.CodeAsync()));
    }

    [Fact]
    public async Task Route_to_a_provider_that_is_not_there_is_refused_by_its_attribute_and_changes_nothing()
    {
        using var response = await Gateway.ApisixAsync(
            HttpMethod.Put, "/1", Printed.Replace("\"openai\"", "\"nobody\"", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.StartsWith("plugins.ai-proxy.model.provider: is not a provider", (await response.JsonAsync()).GetProperty("message")
            .GetString(), StringComparison.Ordinal);
        Assert.Equal(["/from-file"], await UrisAsync());
    }

    private async Task<List<string?>> UrisAsync()
    {
        using var response = await Gateway.ApisixAsync(HttpMethod.Get, "");
        var json = await response.JsonAsync();
        var uris = json.GetProperty("list").EnumerateArray().Select(entry => entry.GetProperty("value").GetProperty("uri").GetString())
            .ToList();
        Assert.Equal(uris.Count, json.GetProperty("total").GetInt32());
        return uris;
    }

    private async Task<string> StoredAsync()
    {
        await using var source = NpgsqlDataSource.Create(Database);
        await using var connection = await source.OpenConnectionAsync();
        await using var command = new NpgsqlCommand("select string_agg(value::text, ' ') from settings", connection);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    [Theory]
    [InlineData("ADMIN_API_KEY", "short77")]
    [InlineData("APISIX_ADMIN_KEY", "changeme")]
    [InlineData("ADMIN_API_KEY", "aaaaaaaaaaaa")]
    [InlineData("ADMIN_API_KEY", "edd1c9f034335f136f87ad84b625c8f1")]
    public async Task Key_that_anybody_guesses_stops_the_start_in_one_line_that_does_not_tell_it(string variable, string key)
    {
        var wrong = await Assert.ThrowsAnyAsync<OptionsValidationException>(
            () => Gateway.StartAsync("Host=127.0.0.1;Port=1", settings => settings[variable] = key));
        Assert.StartsWith($"{variable} can be guessed", wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(key, wrong.Message, StringComparison.Ordinal);
    }

    private static string Compact(JsonElement json) => JsonSerializer.Serialize(json, Plain);

    private static readonly JsonSerializerOptions Plain =
        new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
