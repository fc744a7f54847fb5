using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using AiPipe.Proxy.Compatibility.Apisix;
using AiPipe.Proxy.Routing;
using AiPipe.Proxy.Settings;
using AiPipe.Tests.Support;
using FsCheck;
using FsCheck.Fluent;
using static AiPipe.Tests.Compatibility.Apisix.ApisixClient;

namespace AiPipe.Tests.Compatibility.Apisix;

/// <summary>Every attribute of a route: its kind, its bounds, and how a wrong one is named.</summary>
public sealed class ApisixReaderTests
{
    private const string Plugin = "plugins.ai-proxy";

    [Fact]
    public void Attributes_that_are_not_written_have_the_defaults_of_the_table()
    {
        var target = Assert.Single(Read(Route(static ai => ai.Remove("timeout"))).Targets);

        Assert.Equal((256, null, null, null, null, false),
            (target.Options.MaxTokens, target.Options.InputCost, target.Options.OutputCost, target.Options.Temperature, target.Options.TopP,
                target.Options.Stream));
        Assert.Equal(TimeSpan.FromSeconds(3), target.Timeout);
        Assert.Equal(new RouteConnection(IsKept: true, TimeSpan.FromMinutes(1), 30, VerifiesTls: true), target.Connection);
        Assert.Equal((false, null), (target.HasOwnAccess, Read(Route()).Upstream));
    }

    [Theory]
    [InlineData($"{Plugin}.model.options.temperature", "0", "5", "-0.1", "5.1")]
    [InlineData($"{Plugin}.model.options.top_p", "0", "1", "-0.1", "1.1")]
    [InlineData($"{Plugin}.model.options.input_cost", "0", "12.5", "-1", "1e99")]
    [InlineData($"{Plugin}.model.options.output_cost", "0", "12.5", "-1", "\"1\"")]
    [InlineData($"{Plugin}.model.options.max_tokens", "1", "2147483647", "0", "1.5")]
    [InlineData($"{Plugin}.model.options.stream", "true", "false", "1", "\"true\"")]
    [InlineData($"{Plugin}.timeout", "1", "60000", "0", "60001")]
    [InlineData($"{Plugin}.keepalive", "true", "false", "null", "0")]
    [InlineData($"{Plugin}.keepalive_timeout", "1000", "2147483647", "999", "\"1000\"")]
    [InlineData($"{Plugin}.keepalive_pool", "1", "1000", "0", "-1")]
    [InlineData($"{Plugin}.ssl_verify", "true", "false", "\"no\"", "[]")]
    [InlineData($"{Plugin}.passthrough", "false", "false", "\"no\"", "1")]
    [InlineData($"{Plugin}.model.override.endpoint", "\"http://a.example\"", "\"https://a.example/v1/x?y=1\"", "\"ftp://a.example\"",
        "\"https://u:p@a.example\"")]
    [InlineData($"{Plugin}.auth.header", "{}", "{\"x-Api_key.1\":\"a b\"}", "{\"a b\":\"c\"}", "{\"a\":1}")]
    [InlineData($"{Plugin}.auth.query", "{}", "{\"key\":\"ä\"}", "{\"\":\"c\"}", "{\"a/b\":\"c\"}")]
    [InlineData("methods", "[\"GET\"]", "[\"POST\",\"PUT\"]", "[\"LOOK\"]", "\"GET\"")]
    [InlineData("status", "0", "1", "2", "true")]
    [InlineData("uri", "\"/a/*\"", "\"/a.b-c/d\"", "\"/usage\"", "\"a\"")]
    [InlineData("upstream.nodes", "{\"a.example\":1}", "[{\"host\":\"a.example\",\"port\":80,\"weight\":0}]", "{\"a.example:x\":1}", "[1]")]
    [InlineData("upstream.scheme", "\"http\"", "\"https\"", "\"grpc\"", "1")]
    [InlineData("upstream.pass_host", "\"pass\"", "\"node\"", "\"mine\"", "true")]
    public void Attribute_takes_what_the_table_allows_and_is_named_where_it_is_wrong(
        string name, string least, string most, string below, string above)
    {
        foreach (var right in (string[])[least, most]) Read(With(name, right));
        foreach (var wrong in (string[])[below, above]) Assert.StartsWith(name, Wrong(With(name, wrong)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData($"{Plugin}.model.name", $"{Plugin}.model.name: is required")]
    [InlineData($"{Plugin}.model.provider", $"{Plugin}.model.provider: is required")]
    [InlineData($"{Plugin}.model", $"{Plugin}.model: is required")]
    [InlineData($"{Plugin}.auth", $"{Plugin}.auth: is required")]
    [InlineData("uri", "uri: is required, or uris")]
    [InlineData("plugins", "plugins: is required")]
    public void What_must_be_there_is_asked_for(string name, string problem) => Assert.Equal(problem + ".", Wrong(With(name, value: null)));

    [Theory]
    [InlineData("plugins.limit-count", "plugins.limit-count: is not known: use ai-proxy.")]
    [InlineData($"{Plugin}.modle", $"{Plugin}.modle: is not known: use auth, model, override, passthrough, timeout, keepalive, "
        + "keepalive_timeout, keepalive_pool, ssl_verify, anonymous.")]
    [InlineData($"{Plugin}.model.options.top_k",
        $"{Plugin}.model.options.top_k: is not known: use max_tokens, input_cost, output_cost, temperature, top_p, stream.")]
    public void Unknown_attribute_is_named_with_those_that_there_are(string name, string problem) =>
        Assert.Equal(problem, Wrong(With(name, "{}")));

    [Fact]
    public void Whatever_is_sent_is_read_or_refused_with_a_line_and_what_is_read_reads_the_same_again()
    {
        var leaves = Gen.Elements(
            "1", "0", "-1", "256", "0.5", "5", "5.0001", "1e3", "1e-400", "99999999999999999999", "60000", "60001", "true", "false", "null",
            "\"\"", "\"openai\"", "\"gpt-4\"", "\"/a\"", "\"/a*\"",
            "\"/usage\"", "\"node\"", "\"rewrite\"", "\"https\"", "\"https://a.example/x\"", "\"a:b\"", "\"\\u0000\"", "\"\\ud800\"",
                "\"…\"", "[]", "{}", "[\"GET\"]", "[\"/b\",\"/c*\"]", "{\"a\":\"b\"}", "{\"A\":\"b\",\"a\":\"c\"}",
            "{\"h.example:80\":1}", "[{\"host\":\"h\",\"port\":1,\"weight\":2}]", "{\"limit\":1,\"days\":1}");
        var names = Gen.Elements(ApisixAttribute.All.Select(attribute => attribute.Name)
            .Concat(["plugins", Plugin, $"{Plugin}.auth", $"{Plugin}.model", $"{Plugin}.model.options", $"{Plugin}.x", "id", "upstream",
                "__proto__", $"{Plugin}.auth.header.a:b", $"{Plugin}.anonymous"]));
        var changes = Gen.Choose(1, 3).SelectMany(count => names.Zip(leaves, (name, leaf) => (name, (string?)leaf)).ArrayOf(count));
        var read = 0;

        Fresh.Check(Config.QuickThrowOnFailure.WithMaxTest(10_000), Prop.ForAll(changes.ToArbitrary(), all =>
        {
            var json = With([.. all]);
            using var parsed = JsonDocument.Parse(json);
            var (document, problem) = ApisixReader.Read(parsed.RootElement, "1");
            if (document is null) return problem is { Length: > 0 and < 1000 } && !problem.Contains("AiPipe:", StringComparison.Ordinal);
            read++;
            var written = (JsonObject)ApisixWriter.Entry("1", Settings(document))["value"]!;
            using var again = JsonDocument.Parse(written.ToJsonString());
            var (same, wrong) = ApisixReader.Read(again.RootElement, "1");
            return wrong is null && JsonNode.DeepEquals(written, ApisixWriter.Entry("1", Settings(same!))["value"]);
        }), () => read > 300, () => string.Create(CultureInfo.InvariantCulture, $"{read} were right"));
    }

    private static SettingNode Settings(JsonObject document) =>
        SettingDocument.Read(RouteReader.Section, "1", JsonElement.Parse(document.ToJsonString()));

    private static ModelRoute Read(string json)
    {
        using var parsed = JsonDocument.Parse(json);
        var (document, problem) = ApisixReader.Read(parsed.RootElement, "1");
        Assert.True(document is not null, problem);
        return RouteReader.ReadOne(Settings(document));
    }

    private static string Wrong(string json)
    {
        using var parsed = JsonDocument.Parse(json);
        var (document, problem) = ApisixReader.Read(parsed.RootElement, "1");
        Assert.Null(document);
        return problem!;
    }

    private static string With(string name, string? value) => With([(name, value)]);

    /// <summary>A route with something else in some places, or without them.</summary>
    private static string With((string Name, string? Value)[] changes)
    {
        var route = JsonNode.Parse(Route())!;
        for (var i = 0; i < changes.Length; i++)
        {
            var steps = changes[i].Name.Split('.');
            var at = route;
            foreach (var step in steps[..^1])
            {
                if (at[step] is not JsonObject child) at[step] = child = [];
                at = child;
            }
            if (changes[i].Value is null) at.AsObject().Remove(steps[^1]);
            else at[steps[^1]] = $"@{i}@";
        }
        // By their text: no library would write all of them.
        var json = route.ToJsonString();
        for (var i = 0; i < changes.Length; i++) json = json.Replace($"\"@{i}@\"", changes[i].Value, StringComparison.Ordinal);
        return json;
    }
}
