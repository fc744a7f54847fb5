using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using static AiPipe.Tests.Compatibility.Apisix.ApisixClient;

namespace AiPipe.Tests.Compatibility.Apisix;

/// <summary>Calls of a route with one target, on the wire.</summary>
public sealed class RouteCallTests(PostgresFixture postgres, SharedGateway shared)
    : DeadlineTest(postgres, shared), IClassFixture<SharedGateway>
{
    private const string Asked = """
        {
          "messages": [
            { "role": "system", "content": "You are a mathematician" },
            { "role": "user", "a": 1, "content": "What is 1+1?" }
          ]
        }
        """;

    protected override void Configure(Dictionary<string, string?> settings) => settings["ADMIN_API_KEY"] = Key;

    [Fact]
    public async Task Printed_example_is_answered_by_its_model_with_its_options_and_key_and_is_metered()
    {
        await Gateway.PutRouteAsync("1", Printed);
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/anything?x=1", Asked));

        Assert.Equal((HttpStatusCode.OK, Answers.Chat(1000, 500)), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        var seen = Assert.Single(Provider.Seen);
        Assert.Equal(("POST", "/v1/chat/completions", "Bearer <some-token>"), (seen.Method, seen.Target, seen.Headers["Authorization"]));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""
            {"model":"gpt-4","max_tokens":512,"temperature":1.0,"messages":[{"role":"system","content":"You are a mathematician"},{"role":"user","content":"What is 1+1?"}]}
            """), JsonNode.Parse(seen.Text)), seen.Text);
        await Gateway.FlushAsync();
        var row = Assert.Single(await LedgerRowsAsync());
        Assert.Equal((Gateway.User, "openai", "gpt-4", 0.06m, 200), (row.User, row.Provider, row.Model, row.Cost, row.Status));
    }

    [Fact]
    public async Task Route_decides_model_and_options_whatever_the_request_says()
    {
        await Gateway.PutRouteAsync("1", Route(ai =>
        {
            ai["auth"] = new JsonObject { ["header"] = new JsonObject() };
            ai["model"]!["options"] = new JsonObject { ["top_p"] = 0.5 };
        }));
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/anything", """
            {"model":"gpt-4","stream":true,"stream_options":{"include_usage":true},"max_tokens":9999,"max_completion_tokens":9999,"top_p":1,"temperature":0.25,"messages":[{"role":"user","content":"Hi"}]}
            """));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var seen = Assert.Single(Provider.Seen);
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse("""{"model":"gpt-4o-mini","max_tokens":256,"top_p":0.5,"temperature":0.25,"messages":[{"role":"user","content":"Hi"}]}"""), JsonNode.Parse(seen.Text)), seen.Text);
        // Without a word of the route's, our own key for the provider.
        Assert.Equal("Bearer " + Gateway.ProviderKey, seen.Headers["Authorization"]);
    }

    [Fact]
    public async Task Stream_of_a_route_passes_as_one_and_is_metered()
    {
        Provider.Answer = static (http, _) => Answers.ChatStream(http, 1000, 500, "2");
        await Gateway.PutRouteAsync(
            "1", Route(ai => ai["model"]!["options"] = new JsonObject { ["stream"] = true, ["input_cost"] = 10, ["output_cost"] = 20.5 }));
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/anything", Asked));

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        Assert.EndsWith("data: [DONE]\n\n: cost=0.02025 monthlyCost=0.02025 monthlyRequests=1\n\n",
            await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("\"stream_options\":{\"include_usage\":true}", Assert.Single(Provider.Seen).Text, StringComparison.Ordinal);
        Assert.Equal(0.02025m, await Gateway.SpentAsync());
    }

    [Fact]
    public async Task Model_without_a_price_is_refused_until_the_route_prices_both_sides()
    {
        JsonObject? options = null;
        async Task<HttpStatusCode> CallAsync(JsonObject? priced)
        {
            options = priced;
            await Gateway.PutRouteAsync(
                "1", Route(ai => ai["model"] =
                new JsonObject { ["provider"] = "openai", ["name"] = "nobodys-model", ["options"] = options }));
            using var response = await Gateway.Http.SendAsync(Gateway.Post("/anything", Asked));
            return response.StatusCode;
        }

        Assert.Equal(HttpStatusCode.BadRequest, await CallAsync([]));
        Assert.Equal(HttpStatusCode.BadRequest, await CallAsync(new JsonObject { ["input_cost"] = 1 }));
        Assert.Empty(Provider.Seen);
        Assert.Equal(HttpStatusCode.OK, await CallAsync(new JsonObject { ["input_cost"] = 1, ["output_cost"] = 2 }));
        Assert.Equal(0.002m, await Gateway.SpentAsync());
    }

    [Fact]
    public async Task Own_address_gets_the_routes_headers_and_parameters_and_never_our_key()
    {
        await using var other = await FakeProvider.StartAsync();
        await Gateway.PutRouteAsync("1", Route(ai =>
        {
            ai["auth"] = new JsonObject
            {
                ["header"] = new JsonObject { ["api-key"] = "s3cret-h" },
                ["query"] = new JsonObject { ["key"] = "s3cret p" }
            };
            ai["model"]!["override"] = new JsonObject { ["endpoint"] = other.Address + "/openai/deployments/x/chat?api-version=1" };
        }));
        await Gateway.PutRouteAsync(
            "2", Route(ai => ai["model"]!["override"] = new JsonObject { ["endpoint"] = other.Address }, uri: "/bare"));
        foreach (var path in (string[])["/anything?key=mine", "/bare"])
        {
            using var response = await Gateway.Http.SendAsync(Gateway.Post(path, Asked));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Empty(Provider.Seen);
        Assert.Equal(["/openai/deployments/x/chat?api-version=1&key=s3cret%20p", "/v1/chat/completions"],
            other.Seen.Select(seen => seen.Target));
        Assert.DoesNotContain(Gateway.Logs.Lines, line => line.Contains("s3cret", StringComparison.Ordinal));
        Assert.Equal("s3cret-h", other.Seen.First().Headers["api-key"]);
        Assert.All(other.Seen, seen => Assert.DoesNotContain("Authorization", seen.Headers.Keys));
    }

    [Fact]
    public async Task Model_that_does_not_begin_in_time_is_a_504_and_is_charged_what_it_reports()
    {
        await StartOwnAsync();
        var mayAnswer = new TaskCompletionSource();
        Provider.Answer = async (http, _) =>
        {
            Assert.Equal(1, Clock.Ring());
            await mayAnswer.Task;
            await Answers.Json(http, Answers.Chat(1000, 500));
        };
        await Gateway.PutRouteAsync("1", Route(ai => ai["timeout"] = Hurry));
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/anything", Asked));

        Assert.Equal((HttpStatusCode.GatewayTimeout, "upstream_timeout"), (response.StatusCode, await response.CodeAsync()));
        mayAnswer.SetResult();
        await Eventually.TrueAsync(async () =>
        {
            await Gateway.FlushAsync();
            return (await LedgerRowsAsync()).Count == 1;
        }, "the call being settled");
        var row = Assert.Single(await LedgerRowsAsync());
        Assert.Equal((504, false), (row.Status, row.Estimated));
        Assert.True(row.Cost > 0);
    }

    [Fact]
    public async Task Answer_that_has_begun_is_not_hurried()
    {
        await StartOwnAsync();
        var over = new TaskCompletionSource();
        Provider.Answer = async (http, seen) =>
        {
            await Answers.BeginStream(http);
            await Answers.Event(http, Answers.Chunk("word "));
            await over.Task;
            await Answers.Event(http, Answers.UsageChunk(1000, 500));
            await Answers.Event(http, "[DONE]");
        };
        await Gateway.PutRouteAsync(
            "1", Route(ai => (ai["timeout"], ai["model"]!["options"]) = (Hurry, new JsonObject { ["stream"] = true })));
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/anything", Asked), HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(0, Clock.Ring());
        over.SetResult();
        Assert.Contains("[DONE]\n\n: cost=0.00045 ", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"model":"x"}""", "invalid_request")]
    [InlineData("""{"messages":[]}""", "invalid_request")]
    [InlineData("""{"messages":{}}""", "invalid_request")]
    [InlineData("""{"messages":[{"role":"user"}]}""", "invalid_request")]
    [InlineData("""{"messages":[{"content":"Hi"}]}""", "invalid_request")]
    [InlineData("""{"messages":[{"role":"user","content":"Hi"}],"messages":[{"role":"user","content":"Hi"}]}""", "duplicate_field")]
    [InlineData("""{"messages":[{"role":"user","content":"Hi"}],"MODEL":"gpt-4"}""", "unsupported_field")]
    [InlineData("""{"messages":[{"role":"user","content":"Hi"}]""", "bad_json")]
    [InlineData("""{"messages":[{"role":"user","content":"Hi"}]} x""", "bad_json")]
    [InlineData("""{"\ud800":1,"messages":[{"role":"user","content":"Hi"}]}""", "bad_json")]
    [InlineData("[]", "invalid_request")]
    public async Task Request_that_is_none_is_refused_before_it_leaves(string json, string code)
    {
        await Gateway.PutRouteAsync("1", Route());
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/anything", json));
        Assert.Equal((HttpStatusCode.BadRequest, code), (response.StatusCode, await response.CodeAsync()));
        Assert.Empty(Provider.Seen);
    }

    [Fact]
    public async Task Callers_need_a_token_unless_the_route_is_open_and_then_spend_its_own_budget()
    {
        await StartOwnAsync();
        await Gateway.PutRouteAsync("1", Route());
        Assert.Equal("token_missing", await AnonymousAsync());
        await Gateway.PutRouteAsync("1", Route(ai => ai["anonymous"] = new JsonObject { ["limit"] = 0.0008, ["days"] = 1 }));

        Assert.Null(await AnonymousAsync());
        Assert.Equal("budget_spent", await AnonymousAsync(times: 3));
        using var ann = await Gateway.Http.SendAsync(Gateway.Post("/anything", Asked));
        using var forged = await Gateway.Http.SendAsync(Gateway.Post("/anything", Asked, "a.b.c"));
        using var own = await Gateway.Http.SendAsync(Gateway.Post("/anything", Asked, "sk-of-my-own"));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized),
            (ann.StatusCode, forged.StatusCode, own.StatusCode));
        Assert.Equal(0.00045m, await Gateway.SpentAsync());
        await Gateway.FlushAsync();
        Assert.Equal(["route:1", Gateway.User], (await LedgerRowsAsync()).Select(row => row.User).Distinct());
    }

    [Fact]
    public async Task Who_may_only_get_calls_no_model_by_getting_a_route()
    {
        await using var gateway = await Gateway.StartAsync(await Postgres.NewDatabaseAsync(), settings =>
        {
            Configure(settings);
            settings["AiPipe:Access:*:Endpoints:0"] = "GET /openai/*";
        });
        await gateway.PutRouteAsync("1", Route());
        using var request = gateway.Post("/anything", Asked);
        request.Method = HttpMethod.Get;
        using var response = await gateway.Http.SendAsync(request);
        Assert.Equal((HttpStatusCode.Forbidden, "endpoint_not_allowed"), (response.StatusCode, await response.CodeAsync()));
        Assert.Empty(gateway.Provider.Seen);
    }

    [Fact]
    public async Task Paths_methods_priorities_and_states_say_which_route_it_is()
    {
        await StartOwnAsync();
        await Gateway.PutRouteAsync(
            "all", Named("all", route => (route["uri"], route["uris"]) = ((JsonNode?)null, new JsonArray("/chat/*", "/talk"))));
        await Gateway.PutRouteAsync("one", Named("one", route => route["uri"] = "/chat/one"));
        await Gateway.PutRouteAsync(
            "put", Named("put", route => (route["uri"], route["methods"], route["priority"]) = ("/chat/one", new JsonArray("PUT"), 9)));
        await Gateway.PutRouteAsync("off", Named("off", route => (route["uri"], route["status"]) = ("/chat/two", 0)));
        await Gateway.PutRouteAsync("get", Named("get", route => (route["uri"], route["methods"]) = ("/only-get", new JsonArray("GET"))));

        Assert.Equal("one", await ModelAsync("/chat/one"));
        Assert.Equal("put", await ModelAsync("/chat/one", HttpMethod.Put));
        Assert.Equal("all", await ModelAsync("/chat/two"));
        Assert.Equal("all", await ModelAsync("/chat/two/three"));
        Assert.Equal("all", await ModelAsync("/talk"));
        Assert.Null(await ModelAsync("/chat"));
        Assert.Null(await ModelAsync("/only-get"));
    }

    private static string Named(string model, Action<JsonObject> change) => Route(ai => ai["model"] = new JsonObject
    {
        ["provider"] = "openai",
        ["name"] = model,
        ["options"] = new JsonObject { ["input_cost"] = 0, ["output_cost"] = 0 },
    }, route =>
    {
        change(route);
        if (route["uri"] is null) route.Remove("uri");
    });

    /// <summary>The model that answers there; <c>null</c> = there is no route.</summary>
    private async Task<string?> ModelAsync(string path, HttpMethod? method = null)
    {
        using var request = Gateway.Post(path, Asked);
        request.Method = method ?? HttpMethod.Post;
        using var response = await Gateway.Http.SendAsync(request);
        if (response.StatusCode == HttpStatusCode.NotFound) return null;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("POST", Provider.Seen.Last().Method);
        return JsonNode.Parse(Provider.Seen.Last().Text)!["model"]!.GetValue<string>();
    }

    private async Task<string?> AnonymousAsync(int times = 1)
    {
        string? code = null;
        for (var i = 0; i < times; i++)
        {
            using var content = new StringContent(Asked, new MediaTypeHeaderValue("application/json"));
            using var response = await Gateway.Http.PostAsync("/anything", content);
            code = response.IsSuccessStatusCode ? null : await response.CodeAsync();
        }
        return code;
    }
}
