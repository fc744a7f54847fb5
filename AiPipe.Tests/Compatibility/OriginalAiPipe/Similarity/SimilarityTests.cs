using System.Net;
using System.Text.Json;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Compatibility.OriginalAiPipe.Similarity;

/// <summary>Similarities are right, and paid for like any other call.</summary>
public sealed class SimilarityTests(PostgresFixture postgres, SharedGateway shared) : GatewayTest(postgres, shared),
    IClassFixture<SharedGateway>
{
    protected override void Configure(Dictionary<string, string?> settings)
    {
        settings["AiPipe:Budgets:blocked@example.com:Limit"] = "0";
        settings["AiPipe:Budgets:blocked@example.com:Days"] = "1";
        foreach (var (i, model) in ((int, string)[])[(0, "text-embedding-3-large"), (1, "text-embedding-3-small")])
            (settings[$"AiPipe:Aliases:vectors:{i}:Provider"], settings[$"AiPipe:Aliases:vectors:{i}:Model"],
                settings[$"AiPipe:Aliases:vectors:{i}:Priority"]) = ("openai", model, $"{-i}");
    }

    [Fact]
    public async Task Documents_are_compared_with_topics_and_the_caller_pays_for_the_embeddings()
    {
        Provider.Answer = static (http, seen) => Answers.Json(http, Embeddings(seen));
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/similarity",
            """{"docs":["north",{"type":"text","value":"east"},"north"],"topics":["north-east","north"],"precision":3}"""));
        var answer = await response.JsonAsync();

        Assert.Equal("[[0.707,1],[0.707,0],[0.707,1]]", answer.GetProperty("similarity").GetRawText());
        Assert.Equal(("text-embedding-3-small", 1000), (answer.GetProperty("model").GetString(), answer.GetProperty("tokens").GetInt32()));
        var seen = Assert.Single(Provider.Seen);
        Assert.Equal("/v1/embeddings", seen.Target);
        Assert.Equal("""{"model":"text-embedding-3-small","encoding_format":"base64","input":["north","east","north-east"]}""", seen.Text);
        Assert.Equal($"Bearer {Gateway.ProviderKey}", seen.Headers["Authorization"]);
        Assert.Equal(0.00002m, await Gateway.SpentAsync());
        await Gateway.FlushAsync();
        var row = Assert.Single(await LedgerRowsAsync());
        Assert.Equal((Gateway.User, "text-embedding-3-small", 0.00002m, false), (row.User, row.Model, row.Cost, row.Estimated));
    }

    [Fact]
    public async Task Alias_is_asked_as_anywhere_else_and_what_it_cost_is_told()
    {
        Provider.Answer = static (http, seen) =>
            seen.Text.Contains("3-large", StringComparison.Ordinal) ? Answers.Json(http, "{}", 503) : Answers.Json(http, Embeddings(seen));
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/similarity", """{"docs":["north","east"],"model":"vectors"}"""));

        Assert.Equal("[[1,0],[0,1]]", (await response.JsonAsync()).GetProperty("similarity").GetRawText());
        Assert.Equal("0.00002", response.Headers.GetValues("cost").Single());
        Assert.Equal(["text-embedding-3-large", "text-embedding-3-small"],
            Provider.Seen.Select(seen => JsonDocument.Parse(seen.Text).RootElement.GetProperty("model").GetString()));
    }

    [Fact]
    public async Task Without_topics_documents_are_compared_with_each_other()
    {
        Provider.Answer = static (http, seen) => Answers.Json(http, Embeddings(seen));
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/similarity", """{"docs":["north","east","north-east"],"model":"text-embedding-3-large"}"""));
        var answer = await response.JsonAsync();

        Assert.Equal("[[1,0,0.70711],[0,1,0.70711],[0.70711,0.70711,1]]", answer.GetProperty("similarity").GetRawText());
        Assert.Equal("text-embedding-3-large", answer.GetProperty("model").GetString());
    }

    [Theory]
    [InlineData("{", "bad_json")]
    [InlineData("""{"docs":5}""", "bad_json")]
    [InlineData("""{"docs":[5]}""", "bad_json")]
    [InlineData("""{"docs":["\ud800"]}""", "bad_json")]
    [InlineData("""{"docs":["a"],"docs":["b"]}""", "bad_json")]
    [InlineData("null", "invalid_request")]
    [InlineData("{}", "invalid_request")]
    [InlineData("""{"docs":null}""", "invalid_request")]
    [InlineData("""{"docs":[]}""", "invalid_request")]
    [InlineData("""{"docs":[null]}""", "invalid_request")]
    [InlineData("""{"docs":[{"type":"image","value":"data:"}]}""", "invalid_request")]
    [InlineData("""{"docs":[{"type":"text"}]}""", "invalid_request")]
    [InlineData("""{"docs":[{"type":"text","value":["a"]}]}""", "invalid_request")]
    [InlineData("""{"docs":["a"],"topics":[]}""", "invalid_request")]
    [InlineData("""{"docs":["a"],"precision":16}""", "invalid_request")]
    [InlineData("""{"docs":["a"],"model":""}""", "model_missing")]
    [InlineData("""{"docs":["a"],"model":"unheard-of"}""", "model_price_unknown")]
    public async Task Request_that_makes_no_sense_is_refused_before_it_costs_anything(string body, string code)
    {
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/similarity", body));
        Assert.Equal((HttpStatusCode.BadRequest, code), (response.StatusCode, await response.CodeAsync()));
        Assert.Empty(Provider.Seen);
    }

    [Fact]
    public async Task More_texts_than_one_call_takes_are_refused()
    {
        var (docs, topics) = (Enumerable.Range(0, 2000).Select(i => $"d{i}"), Enumerable.Range(0, 49).Select(i => $"t{i}"));
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/similarity", JsonSerializer.Serialize(new { docs, topics })));
        Assert.Equal("invalid_request", await response.CodeAsync());
        Assert.Empty(Provider.Seen);
    }

    [Theory]
    [InlineData("blocked@example.com", HttpStatusCode.TooManyRequests, "budget_spent")]
    [InlineData(null, HttpStatusCode.Unauthorized, "token_invalid")]
    public async Task Refusals_of_the_journey_reach_the_caller(string? email, HttpStatusCode status, string code)
    {
        using var request = Gateway.Post("/similarity", """{"docs":["a"]}""", email is null ? "a.b.c" : Gateway.Token(email));
        using var response = await Gateway.Http.SendAsync(request);
        Assert.Equal((status, code), (response.StatusCode, await response.CodeAsync()));
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        if (status == HttpStatusCode.TooManyRequests) Assert.Equal("false", response.Headers.GetValues("x-should-retry").Single());
    }

    [Fact]
    public async Task Error_of_the_provider_reaches_the_caller_as_it_is()
    {
        Provider.Answer = static (http, _) => Answers.Json(http, """{"error":{"message":"too long"}}""", status: 400);
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/similarity", """{"docs":["a"]}"""));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("""{"error":{"message":"too long"}}""", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Answer_that_holds_no_vectors_is_a_bad_gateway()
    {
        Provider.Answer = static (http, _) => Answers.Json(http, """{"data":[],"usage":{"prompt_tokens":1,"total_tokens":1}}""");
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/similarity", """{"docs":["a"]}"""));
        Assert.Equal((HttpStatusCode.BadGateway, "upstream_broken"), (response.StatusCode, await response.CodeAsync()));
    }

    /// <summary>Points of the compass, in the format asked for: base64 of little-endian floats.</summary>
    private static string Embeddings(SeenRequest seen)
    {
        using var request = JsonDocument.Parse(seen.Body);
        var data = request.RootElement.GetProperty("input").EnumerateArray().Select((text, index) => new
        {
            index,
            embedding = text.GetString() switch { "north" => Base64(0, 2), "east" => Base64(3, 0), _ => Base64(1, 1) },
        });
        return JsonSerializer.Serialize(new { data, usage = new { prompt_tokens = 1000, total_tokens = 1000 } });
    }

    private static string Base64(params float[] vector) => Convert.ToBase64String(vector.SelectMany(BitConverter.GetBytes).ToArray());
}
