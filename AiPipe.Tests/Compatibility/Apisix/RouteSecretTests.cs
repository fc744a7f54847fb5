using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Settings;
using AiPipe.Tests.Support;
using Npgsql;
using static AiPipe.Tests.Compatibility.Apisix.ApisixClient;

namespace AiPipe.Tests.Compatibility.Apisix;

/// <summary>
/// What a route sends to its provider is known to nobody else, and reaches nobody else, whatever is changed about the route.
/// </summary>
public sealed class RouteSecretTests(PostgresFixture postgres) : GatewayTest(postgres)
{
    private const string Asked = """{"messages":[{"role":"user","content":"Hi"}]}""";

    protected override void Configure(Dictionary<string, string?> settings) => settings["ADMIN_API_KEY"] = Key;

    [Fact]
    public async Task Short_secret_stays_itself_when_another_one_is_taken_away()
    {
        await Gateway.PutRouteAsync(
            "1", Route(ai => ai["auth"] =
            new JsonObject { ["header"] = new JsonObject { ["api-key"] = "s1" }, ["query"] = new JsonObject { ["key"] = "s2" } }));
        using var patched = await PatchAsync("""{"plugins":{"ai-proxy":{"auth":{"header":{"api-key":null}}}}}""");
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/anything", Asked));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (patched.StatusCode, response.StatusCode));
        var seen = Assert.Single(Provider.Seen);
        Assert.Equal("/v1/chat/completions?key=s2", seen.Target);
        Assert.DoesNotContain("api-key", seen.Headers.Keys);
    }

    [Theory]
    [InlineData("""{"override":{"endpoint":"https://evil.example/v1"}}""", null)]
    [InlineData("""{"model":{"provider":"openrouter"}}""", null)]
    [InlineData("""{"model":{"provider":"openrouter"},"auth":{"header":{"Authorization":"Bearer fresh"}}}""", "Bearer fresh")]
    [InlineData("""{"override":{"endpoint":"https://llm.example"},"auth":{"header":{"Authorization":"Bearer fresh"}}}""", "Bearer fresh")]
    public async Task Hidden_secret_does_not_follow_a_route_to_another_address(string plugin, string? sent)
    {
        await Gateway.PutRouteAsync("1", Printed);
        var before = await StoredAsync();
        using var patched = await PatchAsync($$$"""{"plugins":{"ai-proxy":{{{plugin}}}}}""");

        if (sent is null)
        {
            Assert.Equal((HttpStatusCode.BadRequest, "plugins.ai-proxy.auth.header.Authorization: is a secret that was given for "
                + "another provider or address: send it again for this one."),
                (patched.StatusCode, (await patched.JsonAsync()).GetProperty("message").GetString()));
            Assert.Equal(before, await StoredAsync());
        }
        else
        {
            Assert.Equal(HttpStatusCode.OK, patched.StatusCode);
        }
        Assert.Equal(sent ?? "Bearer <some-token>", Assert.Single(Target().Headers).Value);
    }

    [Theory]
    [InlineData("{}", "k1 q1")]
    [InlineData("""{"header":{"api-key":"k2"}}""", "k2 ")]
    [InlineData("""{"header":{}}""", " ")]
    public async Task Put_without_secrets_keeps_the_stored_ones(string auth, string kept)
    {
        await Gateway.PutRouteAsync("1", Route(ai => ai["auth"] = JsonNode.Parse("""{"header":{"api-key":"k1"},"query":{"key":"q1"}}""")));
        await Gateway.PutRouteAsync("1", Route(ai => ai["auth"] = JsonNode.Parse(auth), uri: "/another"));

        Assert.Equal(kept, $"{string.Concat(Target().Headers.Select(pair => pair.Value))} "
            + $"{string.Concat(Target().Query.Select(pair => pair.Value))}");
        // Another provider gets none of them.
        await Gateway.PutRouteAsync("1", Route(ai => ai["model"]!["provider"] = "openrouter"));
        Assert.False(Target().HasOwnAccess);
    }

    [Theory]
    [InlineData("""{"auth":{"header":null}}""", " q1")]
    [InlineData("""{"auth":{"header":null,"query":null}}""", " ")]
    [InlineData("""{"auth":{"header":{"api-key":"k2"}}}""", "k2 q1")]
    public async Task Patch_removes_and_replaces_what_it_names(string plugin, string kept)
    {
        await Gateway.PutRouteAsync("1", Route(ai => ai["auth"] = JsonNode.Parse("""{"header":{"api-key":"k1"},"query":{"key":"q1"}}""")));
        using var patched = await PatchAsync($$$"""{"plugins":{"ai-proxy":{{{plugin}}}}}""");

        Assert.True(patched.IsSuccessStatusCode, await patched.Content.ReadAsStringAsync());
        Assert.Equal(kept, $"{string.Concat(Target().Headers.Select(pair => pair.Value))} "
            + $"{string.Concat(Target().Query.Select(pair => pair.Value))}");
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    public async Task Mask_is_refused_and_changes_nothing(string method)
    {
        await Gateway.PutRouteAsync("1", Printed);
        var before = await StoredAsync();
        var change = Route(ai => ai["auth"] = JsonNode.Parse("""{"header":{"Authorization":"Bea…ken>"}}"""));
        using var refused = await Gateway.ApisixAsync(new HttpMethod(method), "/1", change);

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.StartsWith("plugins.ai-proxy.auth.header.Authorization: is the mask of a secret",
            (await refused.JsonAsync()).GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(before, await StoredAsync());
    }

    [Fact]
    public async Task Query_of_an_address_is_a_secret_from_the_request_that_makes_it_to_the_wire()
    {
        var tags = new System.Collections.Concurrent.ConcurrentQueue<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static _ => true,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
                tags.Enqueue(string.Join('\n', activity.TagObjects.Select(tag => $"{tag.Key}={tag.Value}").Prepend(activity.DisplayName))),
        };
        ActivitySource.AddActivityListener(listener);
        foreach (var address in (string[])[Provider.Address, "http://127.0.0.1:9"])
        {
            await Gateway.PutRouteAsync("1", Route(ai => (ai["override"], ai["auth"]) =
                (new JsonObject { ["endpoint"] = $"{address}/x%20y?code=s3cret%2Fkey-0001&v" },
                    new JsonObject { ["query"] = new JsonObject { ["key"] = "s3cret b" } })));
            using var patched = await PatchAsync("""{"desc":"mine"}""");
            Assert.True(patched.IsSuccessStatusCode, await patched.Content.ReadAsStringAsync());
            Assert.Equal($"{address}/x%20y?…", (await patched.JsonAsync()).GetProperty("value").GetProperty("plugins")
                .GetProperty("ai-proxy").GetProperty("model").GetProperty("override").GetProperty("endpoint").GetString());
            using var response = await Gateway.Http.SendAsync(Gateway.Post("/anything", Asked));
            Assert.Equal(address == Provider.Address, response.IsSuccessStatusCode);
        }

        Assert.Equal("/x%20y?code=s3cret%2Fkey-0001&v&key=s3cret%20b", Assert.Single(Provider.Seen).Target);
        using var list = await Gateway.ApisixAsync(HttpMethod.Get, "");
        string[] told =
        [
            await list.Content.ReadAsStringAsync(), (await Gateway.SettingsAsync())
                .ToString(), JsonSerializer.Serialize(await Gateway.AuditAsync()), await StoredAsync(),
            (await Gateway.GetJsonAsync("/admin/routes", Gateway.Token(SettingsClient.Admin))).ToString(), .. Gateway.Logs.Lines, .. tags,
        ];
        Assert.NotEmpty(tags);
        Assert.All(told, text => Assert.DoesNotContain("s3cret", text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Of_many_changes_at_once_none_is_lost()
    {
        await Gateway.PutRouteAsync("1", Printed);
        string[] changes =
        [
            """{"desc":"d"}""", """{"name":"n"}""", """{"priority":7}""", """{"methods":["POST"]}""", """{"plugins":{"ai-proxy":{"timeout":4000}}}""", """{"plugins":{"ai-proxy":{"keepalive_pool":9}}}""",
            """{"plugins":{"ai-proxy":{"ssl_verify":false}}}""", """{"plugins":{"ai-proxy":{"model":{"options":{"top_p":0.5}}}}}""", """{"plugins":{"ai-proxy":{"model":{"options":{"temperature":null}}}}}""",
            """{"plugins":{"ai-proxy":{"auth":{"query":{"q":"v"}}}}}""", """{"upstream":{"nodes":{"other.example:80":2}}}""", """{"upstream":{"scheme":"http"}}""",
        ];
        await Task.WhenAll(changes.Select(async change =>
        {
            using var patched = await PatchAsync(change);
            Assert.True(patched.IsSuccessStatusCode, await patched.Content.ReadAsStringAsync());
        }));

        using var read = await Gateway.ApisixAsync(HttpMethod.Get, "/1");
        var route = JsonNode.Parse((await read.JsonAsync()).GetProperty("value").GetRawText())!;
        var plugin = route["plugins"]!["ai-proxy"]!;
        Assert.Equal(("d", "n", 7, "POST"),
            ((string)route["desc"]!, (string)route["name"]!, (int)route["priority"]!, (string)route["methods"]![0]!));
        Assert.Equal((4000, 9, false), ((int)plugin["timeout"]!, (int)plugin["keepalive_pool"]!, (bool)plugin["ssl_verify"]!));
        Assert.Equal("""{"max_tokens":512,"top_p":0.5,"stream":false}""", plugin["model"]!["options"]!.ToJsonString());
        Assert.Equal("""{"somerandom.com:443":1,"other.example:80":2}""", route["upstream"]!["nodes"]!.ToJsonString());
        Assert.Equal("http", (string)route["upstream"]!["scheme"]!);
        Assert.Equal(("Bearer <some-token>", "v"), (Target().Headers[0].Value, Target().Query[0].Value));
        Assert.Equal(changes.Length + 1, (await Gateway.AuditAsync()).Count);
    }

    [Fact]
    public async Task Null_in_an_object_that_was_not_there_is_nothing()
    {
        await Gateway.PutRouteAsync("1", Route());
        using var patched = await PatchAsync("""{"upstream":{"nodes":{"a.example:80":1,"b.example:80":null},"scheme":null}}""");
        Assert.True(patched.IsSuccessStatusCode, await patched.Content.ReadAsStringAsync());
        Assert.Equal("""{"a.example:80":1}""", (await patched.JsonAsync()).GetProperty("value").GetProperty("upstream").GetProperty("nodes").GetRawText().Replace(" ", "", StringComparison.Ordinal).ReplaceLineEndings(""));
    }

    private Task<HttpResponseMessage> PatchAsync(string change) => Gateway.ApisixAsync(HttpMethod.Patch, "/1", change);

    private Proxy.Routing.RouteTarget Target() =>
        Assert.Single(((Proxy.Routing.RouteTable)Gateway.Services.GetService(typeof(Proxy.Routing.RouteTable))!)
            .All.Single(route => route.Id == "1").Targets);

    private async Task<string> StoredAsync()
    {
        await using var source = NpgsqlDataSource.Create(Database);
        await using var connection = await source.OpenConnectionAsync();
        await using var command =
            new NpgsqlCommand(
            "select coalesce(string_agg(key || ' ' || value::text || ' ' || version, ' ' order by key), '') from settings", connection);
        return (string)(await command.ExecuteScalarAsync())!;
    }
}
