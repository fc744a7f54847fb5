using System.Net;
using System.Text.Json.Nodes;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using static AiPipe.Tests.Compatibility.Apisix.ApisixClient;

namespace AiPipe.Tests.Compatibility.Apisix;

/// <summary>Routes with <c>passthrough</c>: the model's answer goes to the upstream, and the upstream's to the caller.</summary>
public sealed class RoutePassthroughTests(PostgresFixture postgres, SharedGateway shared)
    : GatewayTest(postgres, shared), IClassFixture<SharedGateway>
{
    private const string Asked = """{"messages":[{"role":"user","content":"Hi"}]}""";

    private FakeProvider _upstream = null!;

    protected override void Configure(Dictionary<string, string?> settings) => settings["ADMIN_API_KEY"] = Key;

    [Theory]
    [InlineData("node", null)]
    [InlineData("pass", null)]
    [InlineData("rewrite", "app.example")]
    public async Task Upstream_gets_the_models_answer_and_the_caller_gets_the_upstreams(string passHost, string? host)
    {
        await StartAsync(passHost, host);
        _upstream.Answer = static (http, _) =>
        {
            http.Response.Headers["x-upstream"] = "yes";
            http.Response.Headers.SetCookie = "a=b";
            return Answers.Json(http, """{"from":"upstream"}""", 202);
        };
        using var request = Gateway.Post("/anything?x=1&key=not-theirs", Asked);
        request.Headers.Add("Cookie", "c=d");
        using var response = await Gateway.Http.SendAsync(request);

        Assert.Equal((HttpStatusCode.Accepted, """{"from":"upstream"}"""), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.Equal("yes", Assert.Single(response.Headers.GetValues("x-upstream")));
        Assert.False(response.Headers.Contains("Set-Cookie"));
        Assert.Equal(("0.00045", "1"),
            (response.Headers.GetValues("cost").Single(), response.Headers.GetValues("monthlyRequests").Single()));
        var seen = Assert.Single(_upstream.Seen);
        Assert.Equal(("POST", "/anything?x=1", Answers.Chat(1000, 500), "application/json"),
            (seen.Method, seen.Target, seen.Text, seen.Headers["Content-Type"]));
        Assert.Equal(passHost switch
        {
            "node" => new Uri(_upstream.Address).Authority,
            "pass" => new Uri(Gateway.Address).Authority,
            _ =>
            host
        }, seen.Headers["Host"]);
        Assert.DoesNotContain("Authorization", seen.Headers.Keys);
        Assert.DoesNotContain("Cookie", seen.Headers.Keys);
        await Gateway.FlushAsync();
        Assert.Equal((0.00045m, 200), Assert.Single((await LedgerRowsAsync()).Select(row => (row.Cost, row.Status ?? 0))));
    }

    [Fact]
    public async Task Stream_reaches_the_upstream_whole()
    {
        await StartAsync("node", host: null, stream: true);
        Provider.Answer = static (http, _) => Answers.ChatStream(http, 1000, 500, "1", "2");
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/anything", Asked));

        var seen = Assert.Single(_upstream.Seen);
        Assert.StartsWith("text/event-stream", seen.Headers["Content-Type"], StringComparison.Ordinal);
        Assert.StartsWith("data: {", seen.Text, StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n: cost=0.00045 monthlyCost=0.00045 monthlyRequests=1\n\n", seen.Text, StringComparison.Ordinal);
        Assert.Equal(0.00045m, await Gateway.SpentAsync());
    }

    [Fact]
    public async Task Models_error_and_our_refusals_go_to_the_caller_and_the_upstream_hears_nothing()
    {
        await StartAsync("node", host: null);
        Provider.Answer = static (http, _) => Answers.Json(http, """{"error":{"message":"no"}}""", 422);
        using var failed = await Gateway.Http.SendAsync(Gateway.Post("/anything", Asked));
        using var refused = await Gateway.Http.SendAsync(Gateway.Post("/anything", "{}"));

        Assert.Equal((422, """{"error":{"message":"no"}}"""), ((int)failed.StatusCode, await failed.Content.ReadAsStringAsync()));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (refused.StatusCode, await refused.CodeAsync()));
        Assert.Empty(_upstream.Seen);
        Assert.Equal(0m, await Gateway.SpentAsync());
    }

    [Fact]
    public async Task Upstream_that_is_not_there_is_a_502_and_the_model_is_paid()
    {
        await StartAsync("node", host: null);
        await _upstream.DisposeAsync();
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/anything", Asked));

        Assert.Equal((HttpStatusCode.BadGateway, "upstream_unreachable"), (response.StatusCode, await response.CodeAsync()));
        Assert.Equal(0.00045m, await Gateway.SpentAsync());
    }

    [Fact]
    public async Task Answer_that_is_too_long_to_keep_is_refused_and_paid()
    {
        await StartAsync("node", host: null);
        Provider.Answer = static async (http, _) =>
        {
            var filling = new string(' ', 17 << 20);
            await Answers.Json(http, Answers.Chat(1000, 500) + filling);
        };
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/anything", Asked));

        Assert.Equal((HttpStatusCode.BadGateway, "fetch_too_large"), (response.StatusCode, await response.CodeAsync()));
        Assert.Empty(_upstream.Seen);
        Assert.Equal(0.00045m, await Gateway.SpentAsync());
    }

    [Fact]
    public async Task Passthrough_without_anybody_to_pass_to_is_refused()
    {
        using var response = await Gateway.ApisixAsync(HttpMethod.Put, "/1", Route(ai => ai["passthrough"] = true));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.StartsWith("upstream.nodes: is missing", (await response.JsonAsync()).GetProperty("message")
            .GetString(), StringComparison.Ordinal);
    }

    private async Task StartAsync(string passHost, string? host, bool stream = false)
    {
        _upstream = await FakeProvider.StartAsync();
        await Gateway.PutRouteAsync(
            "1", Route(ai => (ai["passthrough"], ai["model"]!["options"]) = (true, new JsonObject { ["stream"] = stream }), route =>
        {
            route["upstream"] = new JsonObject
            {
                ["type"] = "roundrobin",
                ["nodes"] = new JsonObject { [new Uri(_upstream.Address).Authority] = 1, ["nobody.invalid:1"] = 0 },
                ["scheme"] = "http",
                ["pass_host"] = passHost,
            };
            if (host is not null) route["upstream"]!["upstream_host"] = host;
        }));
    }
}
