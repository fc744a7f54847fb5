using AiPipe.Proxy.Pricing;

namespace AiPipe.Tests.Pricing;

public sealed class NonReasoningModelsTests
{
    [Theory]
    [InlineData("gpt-4o-mini")]
    [InlineData("GPT-4o-2024-08-06")]
    [InlineData("openai/gpt-4.1-nano")]
    [InlineData("openai/gpt-4o:nitro")]
    [InlineData("models/gemini-2.0-flash-001")]
    [InlineData("meta-llama/llama-3.3-70b-instruct:free")]
    [InlineData("chatgpt-4o-latest")]
    [InlineData("demo")]
    public void Bills_what_it_returns(string model) => Assert.True(NonReasoningModels.Contains(model));

    [Theory]
    [InlineData("o3")]
    [InlineData("gpt-5-mini")]
    [InlineData("gpt-4o-search-preview")]
    [InlineData("gpt-4o-mini-search-preview-2025-03-11")]
    [InlineData("gpt-4o-audio-preview")]
    [InlineData("gemini-2.5-flash")]
    [InlineData("gemini-2.0-flash-thinking-exp")]
    [InlineData("ft:gpt-4o:org::id")]
    [InlineData("deepseek/deepseek-r1")]
    [InlineData("claude-sonnet-4")]
    [InlineData("nvidia/llama-3.1-nemotron-ultra-253b-v1")]
    [InlineData("perplexity/llama-3.1-sonar-large-128k-online")]
    [InlineData("openai/gpt-4o:online")]
    [InlineData("deepseek/deepseek-r1-distill-llama-70b")]
    [InlineData("demo-unknown")]
    [InlineData("")]
    public void May_bill_more(string model) => Assert.False(NonReasoningModels.Contains(model));
}
