using System.Text.Json;
using System.Text.Json.Nodes;
using AiPipe.Proxy.Pricing;
using AiPipe.Tests.Apis.RequestBody;

namespace AiPipe.Tests.Upstream;

/// <summary>What is sent in place of what came: the edits that are needed, and no byte more.</summary>
public sealed class BodyEditsTests
{
    [Theory]
    // Nothing to change: the very bytes
    [InlineData("chat", """ { "model" : "m" , "n":1 } """, null, """ { "model" : "m" , "n":1 } """)]
    [InlineData("chat", """{"model":"m","stream":false,"stream_options":null}""", null, """{"model":"m","stream":false,"stream_options":null}""")]
    [InlineData("chat", """{"model":"m","stream":true,"stream_options":{"include_usage":true}}""", null, """{"model":"m","stream":true,"stream_options":{"include_usage":true}}""")]
    // The limit
    [InlineData("chat", """{"model":"m"}""", 7L, """{"max_tokens":7,"model":"m"}""")]
    [InlineData("chat", """{"model":"m","max_tokens": 100 }""", 7L, """{"model":"m","max_tokens": 7 }""")]
    [InlineData("chat", """{"max_tokens":null,"model":"m","max_completion_tokens":9}""", 7L, """{"max_tokens":7,"model":"m","max_completion_tokens":7}""")]
    [InlineData("chat", """{"model":"m","x":{"max_tokens":100}}""", 7L, """{"max_tokens":7,"model":"m","x":{"max_tokens":100}}""")]
    [InlineData("chat", """{"model":"m","max\u005ftokens":100}""", 7L, """{"model":"m","max\u005ftokens":7}""")]
    [InlineData("completions", """{"model":"m"}""", 7L, """{"max_tokens":7,"model":"m"}""")]
    [InlineData("responses", """{"model":"m"}""", 7L, """{"max_output_tokens":7,"model":"m"}""")]
    [InlineData("responses", """{"model":"m","max_output_tokens":100}""", 7L, """{"model":"m","max_output_tokens":7}""")]
    [InlineData("generate", "{}", 7L, """{"generationConfig":{"maxOutputTokens":7}}""")]
    [InlineData("generate", "{ }", 7L, """{"generationConfig":{"maxOutputTokens":7} }""")]
    [InlineData("generate", """{"contents":[]}""", 7L, """{"generationConfig":{"maxOutputTokens":7},"contents":[]}""")]
    [InlineData("generate", """{"generationConfig":{}}""", 7L, """{"generationConfig":{"maxOutputTokens":7}}""")]
    [InlineData("generate", """{"generation_config":{ "topK":1}}""", 7L, """{"generation_config":{"maxOutputTokens":7, "topK":1}}""")]
    [InlineData("generate", """{"generation_config":{"max_output_tokens":100}}""", 7L, """{"generation_config":{"max_output_tokens":7}}""")]
    // The report of usage
    [InlineData("chat", """{"model":"m","stream":true}""", null, """{"stream_options":{"include_usage":true},"model":"m","stream":true}""")]
    [InlineData("chat", """{"model":"m","stream":true,"stream_options":null}""", null, """{"model":"m","stream":true,"stream_options":{"include_usage":true}}""")]
    [InlineData("chat", """{"model":"m","stream":true,"stream_options":{ }}""", null, """{"model":"m","stream":true,"stream_options":{"include_usage":true }}""")]
    [InlineData("chat", """{"stream_options":{"x":[{"include_usage":true}]},"model":"m","stream":true}""", null, """{"stream_options":{"include_usage":true,"x":[{"include_usage":true}]},"model":"m","stream":true}""")]
    [InlineData("chat", """{"model":"m","stream":true,"stream_options":{"include_usage": false}}""", null, """{"model":"m","stream":true,"stream_options":{"include_usage": true}}""")]
    [InlineData("chat", """{"model":"m","stream":true,"stream_options":{"include\u005fusage":null,"y":1}}""", null, """{"model":"m","stream":true,"stream_options":{"include\u005fusage":true,"y":1}}""")]
    [InlineData("completions", """{"model":"m","stream":true}""", null, """{"stream_options":{"include_usage":true},"model":"m","stream":true}""")]
    [InlineData("responses", """{"model":"m","stream":true}""", null, """{"model":"m","stream":true}""")]
    [InlineData("stream", """{"contents":[]}""", null, """{"contents":[]}""")]
    [InlineData("embeddings", """{"model":"m","input":"a","stream":true}""", null, """{"model":"m","input":"a","stream":true}""")]
    // Searches
    [InlineData("responses", """{"model":"m","tools":[{"type":"web_search"}]}""", null, """{"max_tool_calls":3,"model":"m","tools":[{"type":"web_search"}]}""")]
    [InlineData("responses", """{"model":"m","tools":[{"type":"web_search"}],"max_tool_calls":3}""", null, """{"model":"m","tools":[{"type":"web_search"}],"max_tool_calls":3}""")]
    public void This_is_sent(string api, string came, long? limit, string sent) => Assert.Equal(sent, Scanned.Sent(api, came, limit));

    /// <summary>Providers reject a limit of thinking that is not below the limit of the output, of which it is a part.</summary>
    [Theory]
    [InlineData("chat", """{"model":"m","max_tokens":9000,"reasoning":{"max_tokens":8000}}""", 3281L, """{"model":"m","max_tokens":3281,"reasoning":{"max_tokens":1640}}""")]
    [InlineData("chat", """{"model":"m","reasoning":{"effort":"high","max_tokens":8000}}""", 4000L, """{"max_tokens":4000,"model":"m","reasoning":{"effort":"high","max_tokens":2000}}""")]
    [InlineData("chat", """{"model":"m","thinking":{"type":"enabled","budget_tokens":8000},"max_tokens":9000}""", 4000L, """{"model":"m","thinking":{"type":"enabled","budget_tokens":2000},"max_tokens":4000}""")]
    [InlineData("chat", """{"model":"m","reasoning":{"max_tokens":1500},"max_tokens":9000}""", 3281L, """{"model":"m","reasoning":{"max_tokens":1500},"max_tokens":3281}""")]
    [InlineData("chat", """{"model":"m","reasoning":{"max_tokens":8000},"max_tokens":9000}""", null, """{"model":"m","reasoning":{"max_tokens":8000},"max_tokens":9000}""")]
    [InlineData("generate", """{"generationConfig":{"thinkingConfig":{"thinkingBudget":8192},"maxOutputTokens":9000}}""", 3000L, """{"generationConfig":{"thinkingConfig":{"thinkingBudget":1500},"maxOutputTokens":3000}}""")]
    [InlineData("generate", """{"generation_config":{"thinking_config":{"thinking_budget":8192}}}""", 3000L, """{"generation_config":{"maxOutputTokens":3000,"thinking_config":{"thinking_budget":1500}}}""")]
    [InlineData("generate", """{"generationConfig":{"thinkingConfig":{"thinkingBudget":-1}}}""", 3000L, """{"generationConfig":{"maxOutputTokens":3000,"thinkingConfig":{"thinkingBudget":-1}}}""")]
    public void The_thinking_stays_below_the_limit(string api, string came, long? limit, string sent) =>
        Assert.Equal(sent, Scanned.Sent(api, came, limit));

    [Theory]
    [InlineData("""{"model":"m"}""", """{"provider":{"max_price":{"prompt":1.5,"completion":2}},"model":"m"}""")]
    [InlineData("""{"model":"m","provider":null}""", """{"model":"m","provider":{"max_price":{"prompt":1.5,"completion":2}}}""")]
    [InlineData("""{"model":"m","provider":{}}""", """{"model":"m","provider":{"max_price":{"prompt":1.5,"completion":2}}}""")]
    [InlineData("""{"model":"m","provider":"dear"}""", """{"model":"m","provider":{"max_price":{"prompt":1.5,"completion":2}}}""")]
    [InlineData("""{"model":"m","provider":{"order":["dear"],"allow_fallbacks":false}}""", """{"model":"m","provider":{"max_price":{"prompt":1.5,"completion":2},"order":["dear"],"allow_fallbacks":false}}""")]
    [InlineData("""{"model":"m","provider":{"max_price":{"prompt":100,"completion":"100"},"sort":"throughput"}}""", """{"model":"m","provider":{"max_price":{"prompt":1.5,"completion":2},"sort":"throughput"}}""")]
    [InlineData("""{"model":"m","provider":{"max_price":null}}""", """{"model":"m","provider":{"max_price":{"prompt":1.5,"completion":2}}}""")]
    // The caller accepts less
    [InlineData("""{"model":"m","provider":{"max_price":{"prompt":1,"completion":"0.5","image":9}}}""", """{"model":"m","provider":{"max_price":{"prompt":1,"completion":0.5}}}""")]
    public void No_provider_that_is_dearer_than_the_reservation_is_accepted(string came, string sent) => Assert.Equal(
        sent, Scanned.Sent("chat", came, price: new Price
        {
            Input = 1,
            Output = 2,
            Above = new Price { Input = 1.5m, Output = 2 },
            AboveInputTokens = 9,
        }));

    [Theory]
    [InlineData("""{"model":"m","provider":{"max_price":{},"max_price":{"prompt":9}}}""")]
    [InlineData("""{"model":"m","provider":{"Max_Price":{"prompt":9}}}""")]
    [InlineData("""{"model":"m","provider":{},"provider":{"order":["dear"]}}""")]
    [InlineData("""{"model":"m","reasoning":{"max_tokens":9,"max_tokens":8000}}""")]
    public void Two_of_a_kind_are_ambiguous(string json) => Assert.Equal("duplicate_field", Scanned.Parse("chat", json).Refusal?.Code);

    [Fact]
    public void A_null_for_the_tool_calls_is_replaced_when_there_are_searches()
    {
        var sent = Scanned.Sent("responses", """{"model":"m","tools":[{"type":"web_search"}],"max_tool_calls":null}""");
        using var document = JsonDocument.Parse(sent, new JsonDocumentOptions { AllowDuplicateProperties = false });
        Assert.Equal(3, document.RootElement.GetProperty("max_tool_calls").GetInt32());
    }

    [Fact]
    public void Provider_that_reports_its_cost_is_not_asked_for_usage() => Assert.Equal(
        """{"model":"m","stream":true}""", Scanned.Sent("chat", """{"model":"m","stream":true}""", reportsCost: true));

    [Fact]
    public void A_missing_limit_goes_by_the_providers_name_for_it() => Assert.Equal(
        """{"max_completion_tokens":7,"model":"m"}""", Scanned.Sent("chat", """{"model":"m"}""", limit: 7, limitField: "max_completion_tokens"));

    [Fact]
    public void Whatever_came_what_is_sent_differs_in_the_edited_fields_only()
    {
        var random = new Random(20261121);
        for (var round = 0; round < 10_000; round++)
        {
            var api = random.Next(2) == 0 ? "chat" : "generate";
            var came = api == "chat" ? AnyChat(random) : AnyGemini(random);
            long? limit = random.Next(3) == 0 ? null : random.Next(1, 100_000);
            var sent = Scanned.Sent(api, came, limit);

            // Strict about duplicates: an edit must not add what is there.
            var (before, after) = (Parse(came), Parse(sent));
            if (api == "chat")
            {
                if (limit is { } lowered) Assert.All(Limits(after), value => Assert.Equal(lowered, value));
                Assert.Equal(limit is not null || Limits(before).Any(), Limits(after).Any());
                var streams = before["stream"]?.GetValue<bool>() == true;
                var asked = before["stream_options"]?["include_usage"]?.GetValue<bool>();
                Assert.Equal(streams ? true : asked, after["stream_options"]?["include_usage"]?.GetValue<bool>());
            }
            else if (limit is { } lowered)
            {
                var config = after["generationConfig"] ?? after["generation_config"];
                Assert.Equal(lowered, (config!["maxOutputTokens"] ?? config["max_output_tokens"])!.GetValue<long>());
            }
            else
            {
                Assert.Equal(came, sent);
            }
            Assert.Equal(Rest(before).ToJsonString(), Rest(after).ToJsonString());
        }
    }

    private static JsonObject Parse(string json) =>
        JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false })!.AsObject();

    private static IEnumerable<long?> Limits(JsonObject body) =>
        ((string[])["max_tokens", "max_completion_tokens"]).Where(body.ContainsKey).Select(name => body[name]?.GetValue<long>());

    /// <summary>The body without the fields that edits may touch.</summary>
    private static JsonObject Rest(JsonObject body)
    {
        var rest = body.DeepClone().AsObject();
        foreach (var name in (string[])["max_tokens", "max_completion_tokens"]) rest.Remove(name);
        foreach (var name in (string[])["stream_options", "generationConfig", "generation_config"])
        {
            if (rest[name] is JsonObject inner)
                foreach (var limit in (string[])["include_usage", "maxOutputTokens", "max_output_tokens"]) inner.Remove(limit);
            if (rest[name] is null or JsonObject { Count: 0 }) rest.Remove(name);
        }
        return rest;
    }

    private static string AnyChat(Random random) => AnyObject(random,
        [
            "\"model\":\"m\"",
            Maybe(random, "\"stream\":true", "\"stream\":false", "\"stre\\u0061m\":true"),
            Maybe(random, "\"stream_options\":null", "\"stream_options\":{ }", "\"stream_options\":{\"include_usage\":false}",
                "\"stream_options\":{\"x\":\"}\",\"include_usage\" : true}", "\"stream_options\":{\"include_usage\":true,\"y\":[{}]}"),
            Maybe(random, "\"max_tokens\":null", "\"max_tokens\" :\t123456", "\"max_tokens\":1"),
            Maybe(random, "\"max_completion_tokens\":null", "\"max_completion_tokens\":9876543210"),
        ]);

    private static string AnyGemini(Random random) => AnyObject(random,
        [
            Maybe(random, "\"generationConfig\":{}", "\"generation_config\":{\"topK\":1.50}",
                "\"generationConfig\":{\"maxOutputTokens\":123456}",
                "\"generationConfig\" : { \"stopSequences\":[\"}\"], \"max_output_tokens\":null }"),
        ]);

    private static string? Maybe(Random random, params string[] fields) => random.Next(3) == 0 ? null : fields[random.Next(fields.Length)];

    /// <summary>The fields in any order among others, with any white space.</summary>
    private static string AnyObject(Random random, string?[] fields)
    {
        string[] others =
        [
            "\"messages\":[{\"role\":\"user\",\"content\":\"\\\"max_tokens\\\":1, gr\u00fc\u00dfe \\u4e16 {\"}]", "\"temperature\":1.50e-1",
                "\"x\":{\"max_tokens\":5,\"stream\":true}",
            "\"tools\":[]", "\"\":null", "\"metadata\":{\"a\":{\"b\":[[],{}]}}",
        ];
        var all = fields.OfType<string>().Concat(others.Where(_ => random.Next(3) == 0)).ToArray();
        random.Shuffle(all);
        string[] blanks = ["", "", " ", "\r\n\t"];
        return $"{Blank()}{{{Blank()}{string.Join(Blank() + "," + Blank(), all)}{Blank()}}}{Blank()}";

        string Blank() => blanks[random.Next(blanks.Length)];
    }
}
