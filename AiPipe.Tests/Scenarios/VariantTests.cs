using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Scenarios;

/// <summary>OpenRouter's variants of a model.</summary>
public sealed class VariantTests(PostgresFixture postgres, SharedGateway shared)
    : GatewayTest(postgres, shared), IClassFixture<SharedGateway>
{
    private const string List = """
        {"data":[{"id":"lab/model","context_length":8000,"pricing":{"prompt":"0.000001","completion":"0.000002"}},
        {"id":"lab/model:free","context_length":8000,"pricing":{"prompt":"0","completion":"0"}},
        {"id":"lab/thinker","pricing":{"prompt":"0.000001","completion":"0.000002"}},
        {"id":"lab/thinker:thinking","pricing":{"prompt":"0.000001","completion":"0.000004"}}]}
        """;

    [Theory]
    [InlineData("lab/model", "0.002")]
    [InlineData("lab/model:nitro", "0.002")]
    [InlineData("lab/model:floor", "0.002")]
    [InlineData("lab/model:exacto", "0.002")]
    [InlineData("lab/model:thinking", "0.002")]
    [InlineData("lab/thinker:thinking", "0.003")]
    [InlineData("lab/model:free", "0")]
    [InlineData("lab/thinker:free", null)]
    [InlineData("lab/model:unknown", null)]
    [InlineData("lab/other:nitro", null)]
    public async Task Variant_has_the_price_of_its_model(string model, string? cost)
    {
        Provider.Answer = static (http, seen) => Answers.Json(http, seen.Method == "GET" ? List : Answers.Chat(1000, 500));
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/openrouter/v1/chat/completions",
            $$"""{"model":"{{model}}","max_tokens":500,"messages":[{"role":"user","content":"hi"}]}"""));

        if (cost is null) Assert.Equal("model_price_unknown", await response.CodeAsync());
        else Assert.Equal(decimal.Parse(cost, System.Globalization.CultureInfo.InvariantCulture), await Gateway.SpentAsync());
    }

    [Fact]
    public async Task Search_of_a_variant_is_reserved()
    {
        Provider.Answer = static (http, seen) => Answers.Json(http, seen.Method == "GET" ? List : Answers.Chat(1000, 500));
        foreach (var (model, least) in ((string, decimal)[])[("lab/model", 0.001m), ("lab/model:online", 0.021m)])
        {
            using var response = await Gateway.Http.SendAsync(Gateway.Post("/estimate/openrouter/v1/chat/completions",
                $$"""{"model":"{{model}}","max_tokens":500,"messages":[{"role":"user","content":"hi"}]}"""));
            Assert.InRange((await response.JsonAsync()).GetProperty("max_cost").GetDecimal(), least, least + 0.01m);
        }
    }
}
