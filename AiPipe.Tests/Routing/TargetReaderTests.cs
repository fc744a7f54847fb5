using System.Text.Json;
using System.Text.Json.Nodes;
using AiPipe.Proxy.Providers;
using AiPipe.Proxy.Routing;
using AiPipe.Proxy.Settings;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Options;

namespace AiPipe.Tests.Routing;

public sealed class TargetReaderTests
{
    private const string Good = """{"Provider":"openai","Model":"m"}""";

    [Fact]
    public void Targets_have_the_weights_priorities_and_names_that_are_written()
    {
        var route = Read("""
            {"Routes":[{"Path":"/x","Targets":[{"Provider":"OpenAI","Model":"m","Weight":3},{"Provider":"openai","Model":"m","Priority":-2,"Endpoint":"https://x.example/v1"},{"Provider":"openai","Model":"m"}],
              "Retries":4,"FallbackOn":[429,"Timeout"],"Sticky":"X-Session","Timeout":100}]}
            """).Single();

        Assert.Equal([("openai/m", 3, 0), ("openai/m at x.example", 1, -2), ("openai/m #2", 1, 0)],
            route.Targets.Select(target => (target.Key, target.Weight, target.Priority)));
        Assert.Equal((4, "429 timeout", "X-Session"), (route.Retries, string.Join(' ', route.FallbackOn.Words), route.Sticky));
        Assert.All(route.Targets, target => Assert.Equal(TimeSpan.FromMilliseconds(100), target.Timeout));
    }

    [Fact]
    public void Usual_fallbacks_hold_where_nothing_is_said_and_an_empty_list_means_none()
    {
        var routes = Read("""{"Routes":[{"Path":"/x","Targets":[GOOD]},{"Path":"/y","Targets":[GOOD],"FallbackOn":[]}]}""");
        Assert.Equal("401 408 429 500 502 503 504 timeout connection", string.Join(' ', routes[0].FallbackOn.Words));
        Assert.Empty(routes[1].FallbackOn.Words);
    }

    [Fact]
    public void Alias_is_one_target_a_list_or_a_group()
    {
        var aliases = Read("""
            {"Aliases":{"fast":GOOD,"smart":[GOOD,{"Provider":"groq","Model":"n","Priority":-1}],"org/Big-2.5@x+":{"Targets":[GOOD],"Timeout":5000,"Sticky":"x-user","Retries":2}}}
            """).ToDictionary(alias => alias.Id, StringComparer.Ordinal);

        Assert.All(aliases.Values, alias => Assert.True(alias.IsAlias));
        Assert.Equal(("openai/m", Timeout.InfiniteTimeSpan), (aliases["fast"].Targets.Keys(), aliases["fast"].Targets[0].Timeout));
        Assert.Equal("openai/m groq/n", aliases["smart"].Targets.Keys());
        Assert.Equal((2, "x-user", 5d),
            (aliases["org/Big-2.5@x+"].Retries, aliases["org/Big-2.5@x+"].Sticky, aliases["org/Big-2.5@x+"].Targets[0]
            .Timeout.TotalSeconds));
    }

    [Theory]
    [InlineData("""{"Routes":[{"Path":"/x","Targets":[]}]}""", "AiPipe:Routes:0:Targets must have a target")]
    [InlineData("""{"Routes":[{"Path":"/x","Targets":[{"Provider":"openai","Model":"m","Weight":0}]}]}""", "AiPipe:Routes:0:Targets has no target with a weight above 0")]
    [InlineData("""{"Routes":[{"Path":"/x","Targets":[{"Provider":"openai","Model":"m","Weight":-1}]}]}""", "AiPipe:Routes:0:Targets:0:Weight must be from 0 to 1000000")]
    [InlineData("""{"Routes":[{"Path":"/x","Targets":[{"Provider":"openai","Model":"m","Weight":99999999999999}]}]}""", "AiPipe:Routes:0:Targets:0:Weight must be a whole number")]
    [InlineData("""{"Routes":[{"Path":"/x","Targets":[{"Provider":"openai","Model":"m","Weight":0.5}]}]}""", "AiPipe:Routes:0:Targets:0:Weight must be a whole number")]
    [InlineData("""{"Routes":[{"Path":"/x","Targets":[GOOD,{"Provider":"openai","Model":"m","Priority":1001}]}]}""", "AiPipe:Routes:0:Targets:1:Priority must be from -1000 to 1000")]
    [InlineData("""{"Routes":[{"Path":"/x","Targets":[GOOD,{"Provider":"nobody","Model":"m"}]}]}""", "AiPipe:Routes:0:Targets:1:Provider is not a provider")]
    [InlineData("""{"Routes":[{"Path":"/x","Targets":[GOOD,{"Provider":"gemini","Model":"m"}]}]}""", "AiPipe:Routes:0:Targets:1:Provider is not OpenAI-compatible")]
    [InlineData("""{"Routes":[{"Path":"/x","Targets":[GOOD],"Retries":11}]}""", "AiPipe:Routes:0:Retries must be from 0 to 10")]
    [InlineData("""{"Routes":[{"Path":"/x","Targets":[GOOD],"FallbackOn":[200]}]}""", "AiPipe:Routes:0:FallbackOn:0 must be a status from 400 to 599, timeout or connection")]
    [InlineData("""{"Routes":[{"Path":"/x","Targets":[GOOD],"FallbackOn":["sometimes"]}]}""", "AiPipe:Routes:0:FallbackOn:0 must be a status")]
    [InlineData("""{"Routes":[{"Path":"/x","Targets":[GOOD],"FallbackOn":"429"}]}""", "AiPipe:Routes:0:FallbackOn must be a list")]
    [InlineData("""{"Routes":[{"Path":"/x","Targets":[GOOD],"Sticky":"X Session:"}]}""", "AiPipe:Routes:0:Sticky must be the name of a header")]
    [InlineData("""{"Aliases":"fast"}""", "AiPipe:Aliases must be a group of models by alias")]
    [InlineData("""{"Aliases":{"fast":"gpt-4o"}}""", "AiPipe:Aliases:fast must name a provider and a model")]
    [InlineData("""{"Aliases":{"fast":{}}}""", "AiPipe:Aliases:fast:Provider is missing")]
    [InlineData("""{"Aliases":{"fast":[]}}""", "AiPipe:Aliases:fast:Provider is missing")]
    [InlineData("""{"Aliases":{"fast":{"Targets":[]}}}""", "AiPipe:Aliases:fast:Targets must have a target")]
    [InlineData("""{"Aliases":{"fast":{"Provider":"openai"}}}""", "AiPipe:Aliases:fast:Model is missing")]
    [InlineData("""{"Aliases":{"fast":{"Provider":"nobody","Model":"m"}}}""", "AiPipe:Aliases:fast:Provider is not a provider")]
    [InlineData("""{"Aliases":{"fast":{"Provider":"gemini","Model":"m"}}}""", "AiPipe:Aliases:fast:Provider is not OpenAI-compatible")]
    [InlineData("""{"Aliases":{"fast":{"Provider":"openai","Model":"m","Endpoint":"https://x.example"}}}""", "AiPipe:Aliases:fast:Endpoint is not known")]
    [InlineData("""{"Aliases":{"fast":{"Targets":[GOOD],"Timeout":0}}}""", "AiPipe:Aliases:fast:Timeout must be from 1 to 600000")]
    [InlineData("""{"Aliases":{"fast one":GOOD}}""", "AiPipe:Aliases:fast one has no usable name")]
    [InlineData("""{"Aliases":{"fast\"":GOOD}}""", "AiPipe:Aliases:fast\" has no usable name")]
    [InlineData("""{"Aliases":{"ünï":GOOD}}""", "AiPipe:Aliases:ünï has no usable name")]
    [InlineData("""{"Aliases":{"llama3:8b":GOOD}}""", "AiPipe:Aliases:llama3:8b has no usable name")]
    public void Wrong_choice_is_told_in_one_line_that_names_the_setting(string json, string beginning)
    {
        var wrong = Assert.ThrowsAny<OptionsValidationException>(() => Read(json));
        Assert.StartsWith(beginning, wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', wrong.Message);
    }

    [Fact]
    public void Targets_are_not_without_bound()
    {
        string Many(int count) => $$"""{"Routes":[{"Path":"/x","Targets":[{{string.Join(',', Enumerable.Repeat(Good, count))}}]}]}""";
        Assert.Equal(32, Read(Many(32)).Single().Targets.Count);
        Assert.StartsWith("AiPipe:Routes:0:Targets has more than 32", Assert.ThrowsAny<OptionsValidationException>(() => Read(Many(33)))
            .Message, StringComparison.Ordinal);
    }

    /// <summary>Whatever is written, it is read whole or refused in one line.</summary>
    [Fact]
    public void Anything_else_is_refused_in_one_line_or_read()
    {
        var leaf = Gen.OneOf(
            Gen.Elements("openai", "m", "timeout", "", "0", "-1", "429", "1e9", "\ud83d\ude00", "a:b", "x\ty")
                .Select(text => (JsonNode?)text),
            Gen.Choose(-5, 600).Select(number => (JsonNode?)number), Gen.Constant((JsonNode?)null), Gen.Elements(true, false)
                .Select(truth => (JsonNode?)truth));
        var name = Gen.Elements(
            "Targets", "Provider", "Model", "Weight", "Priority", "Retries", "FallbackOn", "Sticky", "Timeout", "0", "1", "x");
        Gen<JsonNode?> Node(int depth) => depth == 0 ? leaf : Gen.OneOf(
            leaf,
            Node(depth - 1).ArrayOf().Select(list => (JsonNode?)new JsonArray([.. list.Take(4).Select(node => node?.DeepClone())])),
            (from names in name.ArrayOf()
             from nodes in Node(depth - 1)
                .ArrayOf()
             select (JsonNode?)new JsonObject(
                names.Distinct(StringComparer.Ordinal).Take(6).Zip(nodes, (key, node) => KeyValuePair.Create(key, node?.DeepClone())))));
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(Node(3).ToArbitrary(), node =>
        {
            try
            {
                foreach (var alias in Read(
                    new JsonObject { ["Aliases"] = new JsonObject { ["fast"] = node?.DeepClone() } }.ToJsonString())) Assert.Contains(
                    alias.Targets, target => target.Weight > 0);
            }
            catch (OptionsValidationException wrong)
            {
                Assert.StartsWith("AiPipe:", wrong.Message, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', wrong.Message);
            }
            catch (FormatException)
            {
                // What no settings are at all is refused before it is read.
            }
        }));
    }

    private static IReadOnlyList<ModelRoute> Read(string json)
    {
        var root = SettingNode.Below("", "");
        root.Add(SettingDocument.Read("", "AiPipe", JsonElement.Parse(json.Replace("GOOD", Good, StringComparison.Ordinal))));
        return RouteReader.Read(root, KnownProviders.All);
    }
}
