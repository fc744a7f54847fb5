using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using AiPipe.Proxy.Compatibility.Apisix;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using static AiPipe.Tests.Compatibility.Apisix.ApisixClient;

namespace AiPipe.Tests.Compatibility.Apisix;

/// <summary>
/// The table of APISIX's page, row by row (https://apisix.apache.org/docs/apisix/plugins/ai-proxy/): what holds where nothing is written,
/// what
/// may be written, and where it is shown what comes of it on the wire.
/// </summary>
public sealed class AttributeTableTests(PostgresFixture postgres, SharedGateway shared)
    : GatewayTest(postgres, shared), IClassFixture<SharedGateway>
{
    private const string Asked = """{"messages":[{"role":"user","content":"Hi"}]}""";

    private static readonly Row[] Table =
    [
        new("auth", Required, ["{}"], ["null", "[]", "\"x\""],
            nameof(RouteCallTests.Route_decides_model_and_options_whatever_the_request_says)),
        new("auth.header", Nothing, ["{}", "{\"aZ09._-\":\"x\"}"],
            ["{\"a b\":\"x\"}", "{\"\":\"x\"}", "{\"a:b\":\"x\"}", "{\"é\":\"x\"}", "{\"a\\n\":\"x\"}"],
            nameof(Names_of_headers_and_parameters_may_have_all_that_the_pattern_has),
                nameof(RouteCallTests.Own_address_gets_the_routes_headers_and_parameters_and_never_our_key)),
        new("auth.query", Nothing, ["{}", "{\"aZ09._-\":\"x\"}"],
            ["{\"a b\":\"x\"}", "{\"\":\"x\"}", "{\"a:b\":\"x\"}", "{\"é\":\"x\"}", "{\"a\\n\":\"x\"}"],
            nameof(Names_of_headers_and_parameters_may_have_all_that_the_pattern_has),
                nameof(RouteCallTests.Own_address_gets_the_routes_headers_and_parameters_and_never_our_key)),
        new("model.provider", Required, ["\"openai\""], ["\"nobody\"", "\"\"", "1"],
            nameof(RouteCallTests.Printed_example_is_answered_by_its_model_with_its_options_and_key_and_is_metered)),
        new("model.name", Required, ["\"gpt-4\""], ["\"\"", "4"],
            nameof(RouteCallTests.Route_decides_model_and_options_whatever_the_request_says)),
        new("model.options", """{"max_tokens":256,"stream":false}""", ["{}"], ["[]", "1"], nameof(Options_are_what_the_model_is_asked_for)),
        new("model.options.max_tokens", "256", ["1", "128000"], ["0", "-1", "1.5", "\"256\""],
            nameof(Options_are_what_the_model_is_asked_for)),
        new("model.options.input_cost", Nothing, ["0", "0.01"], ["-0.01", "\"1\""],
            nameof(Costs_are_the_routes_and_where_it_has_none_the_tables)),
        new("model.options.output_cost", Nothing, ["0", "0.01"], ["-0.01", "\"1\""],
            nameof(Costs_are_the_routes_and_where_it_has_none_the_tables)),
        new("model.options.temperature", Nothing, ["0.0", "5.0"], ["-0.01", "5.01", "\"1\""],
            nameof(Options_are_what_the_model_is_asked_for)),
        new("model.options.top_p", Nothing, ["0", "1"], ["-0.01", "1.01", "\"1\""], nameof(Options_are_what_the_model_is_asked_for)),
        new("model.options.stream", "false", ["true", "false"], ["0", "\"false\"", "null"], nameof(Options_are_what_the_model_is_asked_for),
            nameof(RouteCallTests.Stream_of_a_route_passes_as_one_and_is_metered)),
        new("model.override.endpoint", Nothing, ["\"http://a.example\"", "\"https://a.example:8443/v1/x?y=1\""],
            ["\"a.example\"", "\"ftp://a.example\"", "1"],
            nameof(RouteCallTests.Own_address_gets_the_routes_headers_and_parameters_and_never_our_key)),
        new("passthrough", "false", ["true", "false"], ["1", "\"true\"", "null"],
            nameof(Upstream_hears_nothing_unless_the_route_passes_through),
                nameof(RoutePassthroughTests.Upstream_gets_the_models_answer_and_the_caller_gets_the_upstreams)),
        new("timeout", "3000", ["1", "60000"], ["0", "60001", "1.5", "\"3000\""],
            nameof(Model_has_three_seconds_where_the_route_names_no_time),
                nameof(RouteCallTests.Model_that_does_not_begin_in_time_is_a_504_and_is_charged_what_it_reports)),
        new("keepalive", "true", ["true", "false"], ["1", "\"false\"", "null"],
            nameof(RouteConnectionTests.Connection_is_used_again_only_where_the_route_keeps_it)),
        new("keepalive_timeout", "60000", ["1000", "3600000"], ["999", "1000.5", "\"1000\""],
            nameof(RouteConnectionTests.Idle_connection_is_closed_after_the_routes_time_and_not_used_again)),
        new("keepalive_pool", "30", ["1", "1000"], ["0", "0.5", "\"30\""],
            nameof(RouteConnectionTests.Of_many_calls_at_once_only_as_many_connections_are_kept_as_the_pool_has_and_none_waits)),
        new("ssl_verify", "true", ["true", "false"], ["1", "\"no\"", "null"],
            nameof(RouteConnectionTests.Certificate_that_nobody_trusts_is_refused_unless_the_route_says_not_to_look)),
    ];

    private const string? Nothing = null;
    private const string Required = "required";

    protected override void Configure(Dictionary<string, string?> settings) => settings["ADMIN_API_KEY"] = Key;

    [Fact]
    public void Table_is_whole() => Assert.Equal(
        ApisixAttribute.All.Select(attribute => attribute.Name)
            .Where(name => name.StartsWith("plugins.ai-proxy.", StringComparison.Ordinal))
            .Select(name => name["plugins.ai-proxy.".Length..])
            // Where APISIX reads what its table has elsewhere, and what is not APISIX's.
            .Where(name => name != "override.endpoint" && !name.StartsWith("anonymous.", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal),
        Table.Select(row => row.Name).Where(name => name is not ("auth" or "model.options")).Order(StringComparer.Ordinal));

    [Fact]
    public async Task Every_row_has_its_default_and_is_asked_for_where_it_has_none()
    {
        // An id of its own: a route that is there keeps its secrets.
        var plugin = (await Gateway.PutRouteAsync("defaults", Route(static ai => ai.Remove("timeout")))).GetProperty("value")
            .GetProperty("plugins").GetProperty("ai-proxy");
        foreach (var row in Table)
        {
            if (row.Default == Required) Assert.Equal(
                $"plugins.ai-proxy.{row.Name}: is required.", await RefusedAsync(row.Name, value: null));
            else Assert.Equal((row.Name, row.Default), (row.Name, At(plugin, row.Name)));
        }
    }

    [Fact]
    public async Task Every_row_takes_what_is_within_its_bounds_and_is_named_beyond_them()
    {
        foreach (var row in Table)
        {
            foreach (var right in row.Right) Assert.Null(await RefusedAsync(row.Name, right));
            foreach (var wrong in row.Wrong) Assert.StartsWith(
                $"plugins.ai-proxy.{row.Name}", await RefusedAsync(row.Name, wrong) ?? $"{row.Name} took {wrong}",
                StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("{}", """{"max_tokens":256}""")]
    [InlineData("""{"max_tokens":1,"temperature":0,"top_p":0,"stream":false}""", """{"max_tokens":1,"temperature":0,"top_p":0}""")]
    // As long as this model answers at most.
    [InlineData("""{"max_tokens":16384,"temperature":5.0,"top_p":1,"stream":true}""", """{"max_tokens":16384,"temperature":5.0,"top_p":1,"stream":true,"stream_options":{"include_usage":true}}""")]
    public async Task Options_are_what_the_model_is_asked_for(string options, string asked)
    {
        Provider.Answer = static (http, seen) =>
            seen.Text.Contains("\"stream\":true", StringComparison.Ordinal)
            ? Answers.ChatStream(http, 10, 5, "2") : Answers.Json(http, Answers.Chat(10, 5));
        await CallAsync(ai => ai["model"]!["options"] = JsonNode.Parse(options));

        var expected = JsonNode.Parse(asked)!;
        (expected["model"], expected["messages"]) = ("gpt-4o-mini", JsonNode.Parse(Asked)!["messages"]!.DeepClone());
        var seen = Assert.Single(Provider.Seen).Text;
        Assert.True(JsonNode.DeepEquals(expected, JsonNode.Parse(seen)), seen);
    }

    [Fact]
    public async Task Costs_are_the_routes_and_where_it_has_none_the_tables()
    {
        // 1000 tokens in and 500 out; by the table 0.15 and 0.6 USD a million.
        foreach (var options in (string[])["{}", """{"input_cost":2}""", """{"output_cost":10}""", """{"input_cost":2,"output_cost":10}""", """{"input_cost":0,"output_cost":0}"""])
            await CallAsync(ai => ai["model"]!["options"] = JsonNode.Parse(options));

        await Gateway.FlushAsync();
        Assert.Equal([0.00045m, 0.0023m, 0.00515m, 0.007m, 0m], (await LedgerRowsAsync()).Select(row => row.Cost));
    }

    [Fact]
    public async Task Names_of_headers_and_parameters_may_have_all_that_the_pattern_has()
    {
        await CallAsync(ai => ai["auth"] = JsonNode.Parse("""{"header":{"x.A_z-0":"of a header"},"query":{"x.A_z-0":"of a parameter","9":"&"}}"""));
        var seen = Assert.Single(Provider.Seen);
        Assert.Equal("of a header", seen.Headers["x.A_z-0"]);
        Assert.Equal(["9=%26", "x.A_z-0=of%20a%20parameter"], seen.Target.Split('?')[1].Split('&').Order(StringComparer.Ordinal));
        Assert.DoesNotContain("Authorization", seen.Headers.Keys);
    }

    [Fact]
    public async Task Upstream_hears_nothing_unless_the_route_passes_through()
    {
        await using var upstream = await FakeProvider.StartAsync();
        upstream.Answer = static (http, _) => Answers.Json(http, """{"from":"upstream"}""");
        var nodes = new JsonObject { [new Uri(upstream.Address).Authority] = 1 };
        var passed = new List<(string, int)>();
        foreach (var passthrough in (bool?[])[null, false, true])
        {
            var text = await CallAsync(ai =>
            {
                if (passthrough is { } written) ai["passthrough"] = written;
            }, route => route["upstream"] = new JsonObject { ["type"] = "roundrobin", ["nodes"] = nodes.DeepClone(), ["scheme"] = "http" });
            passed.Add((text, upstream.Seen.Count));
        }
        Assert.Equal([(Answers.Chat(1000, 500), 0), (Answers.Chat(1000, 500), 0), ("""{"from":"upstream"}""", 1)], passed);
    }

    [Fact]
    public async Task Model_has_three_seconds_where_the_route_names_no_time()
    {
        var mayAnswer = new TaskCompletionSource();
        Provider.Answer = async (http, _) =>
        {
            await mayAnswer.Task;
            await Answers.Json(http, Answers.Chat(1000, 500));
        };
        await Gateway.PutRouteAsync("1", Route(static ai => ai.Remove("timeout")));
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/anything", Asked));

        Assert.Equal((HttpStatusCode.GatewayTimeout, "upstream_timeout"), (response.StatusCode, await response.CodeAsync()));
        mayAnswer.SetResult();
        var id = response.Headers.GetValues("x-aipipe-call-id").Single();
        JsonElement call = default;
        await Eventually.TrueAsync(
            async () => (call = await Gateway.GetJsonAsync($"/usage/calls/{id}"))
                .TryGetProperty("status", out _), "the call being settled");
        Assert.Equal((504, false), (call.GetProperty("status").GetInt32(), call.GetProperty("estimated").GetBoolean()));
        // The runtime's timers count in ticks of a coarser clock and may ring a few milliseconds early; and a busy machine is late.
        Assert.InRange(call.GetProperty("latency_ms").GetDouble(), 2950, 30_000);
    }

    /// <summary>A call of a route; the answer's body.</summary>
    private async Task<string> CallAsync(Action<JsonObject> plugin, Action<JsonObject>? route = null)
    {
        await Gateway.PutRouteAsync("1", Route(plugin, route));
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/anything", Asked));
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return text;
    }

    /// <summary>What is said against a route with this in it, or without it; <c>null</c> when it is taken.</summary>
    private async Task<string?> RefusedAsync(string name, string? value)
    {
        using var response = await Gateway.ApisixAsync(HttpMethod.Put, "/1", Route(ai =>
        {
            var (steps, at) = (name.Split('.'), ai);
            foreach (var step in steps[..^1])
            {
                if (at[step] is not JsonObject) at[step] = new JsonObject();
                at = (JsonObject)at[step]!;
            }
            if (value is null) at.Remove(steps[^1]);
            else at[steps[^1]] = JsonNode.Parse(value);
        }, route => route["upstream"] = JsonNode.Parse("""{"nodes":{"somerandom.com:443":1}}""")));
        if (response.IsSuccessStatusCode) return null;
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        return (await response.JsonAsync()).Text("message");
    }

    private static string? At(JsonElement plugin, string name)
    {
        foreach (var step in name.Split('.'))
            if (!plugin.TryGetProperty(step, out plugin)) return null;
        return JsonSerializer.Serialize(plugin);
    }

    /// <summary>A row of the table.</summary>
    /// <param name="Name">The attribute, within the plugin.</param>
    /// <param name="Default">What holds where it is not written.</param>
    /// <param name="Right">The least and the most that it takes.</param>
    /// <param name="Wrong">What is just beyond, or of another kind.</param>
    /// <param name="Effect">The tests that show what comes of it.</param>
    private sealed record Row(string Name, string? Default, string[] Right, string[] Wrong, params string[] Effect);
}
