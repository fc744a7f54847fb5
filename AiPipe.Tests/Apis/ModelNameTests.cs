using AiPipe.Proxy.Apis;
using AiPipe.Tests.Pricing;

namespace AiPipe.Tests.Apis;

public sealed class ModelNameTests
{
    [Theory]
    [InlineData("gpt-4o", "gpt-4o")]
    [InlineData("gpt-4o", "GPT-4o")]
    [InlineData("gpt-4o", "gpt-4o-2024-08-06")]
    [InlineData("gpt-4o", "gpt-4o-latest")]
    [InlineData("gpt-4o", "openai/gpt-4o")]
    [InlineData("gpt-4o", "OpenAI/GPT-4o-2024-08-06:nitro")]
    [InlineData("gpt-4", "gpt-4-0613")]
    [InlineData("claude-opus-4", "claude-opus-4-20250514")]
    [InlineData("claude-opus-4", "claude-opus-4@20250514")]
    [InlineData("gemini-2.5-flash-preview", "models/gemini-2.5-flash-preview-09-2025")]
    [InlineData("gemini-2.0-flash", "gemini-2.0-flash-001")]
    [InlineData("meta-llama/llama-3-70b", "meta-llama/Llama-3-70B:free")]
    [InlineData("x/y:free", "x/y:free")]
    [InlineData("llama3", "llama3:8b")]
    [InlineData("gpt-4o*", "gpt-4o-mini")]
    [InlineData("gpt-4o*", "openai/gpt-4o-mini")]
    [InlineData("anthropic/*", "anthropic/claude-opus-4")]
    [InlineData("*", "anything")]
    public void Another_spelling_is_the_same_model(string name, string model) =>
        Assert.True(new ModelName(name).Covers(model, family: null));

    [Theory]
    [InlineData("gpt-4o", "gpt-4o-mini")]
    [InlineData("gpt-4o", "gpt-4")]
    [InlineData("gpt-4o", "my-gpt-4o")]
    [InlineData("claude-opus-4", "claude-opus-4-1")]
    [InlineData("gpt-4o-2024-08-06", "gpt-4o-2024-11-20")]
    [InlineData("x/y:free", "x/y")]
    [InlineData("anthropic/*", "openai/anthropic")]
    [InlineData("*", "")]
    [InlineData("gpt-4o", "/")]
    [InlineData("gpt-4o", ":gpt-4o")]
    public void Another_model_is_not(string name, string model) => Assert.False(new ModelName(name).Covers(model, family: null));

    [Theory]
    [InlineData("gpt-4o-mini", "gpt-4o-mini-search-preview")]
    [InlineData("gpt-5.6-sol", "gpt-5.6")]
    [InlineData("gpt-3.5-turbo", "gpt-35-turbo")]
    [InlineData("gpt-3.5*", "gpt-35-turbo")]
    public void What_the_price_tables_take_for_a_model_is_that_model(string name, string model)
    {
        var family = Prices.Table().Find("openai", model)!.Family;
        Assert.True(new ModelName(name).Covers(model, family));
    }

    [Fact]
    public void A_name_of_megabytes_is_looked_through_at_once()
    {
        var dashes = new string('-', 20_000_000);
        Assert.False(new ModelName("gpt-4o").Covers(dashes, family: null));
        Assert.True(new ModelName("gpt-4o-mini-audio*").Covers("gpt-4o-mini-audio" + dashes, family: null));
    }
}
