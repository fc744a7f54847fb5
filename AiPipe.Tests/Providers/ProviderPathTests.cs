using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Providers;

namespace AiPipe.Tests.Providers;

public sealed class ProviderPathTests
{
    /// <summary>What the SDK of each provider sends below its base URL, and the address at the provider.</summary>
    [Theory]
    [InlineData("openai", "/v1/chat/completions", "https://api.openai.com/v1/chat/completions")]
    [InlineData("openai", "/chat/completions", "https://api.openai.com/v1/chat/completions")]
    [InlineData("openai", "/v1/v1/chat/completions", "https://api.openai.com/v1/chat/completions")]
    [InlineData("openai", "/v1/v1/v1/models", "https://api.openai.com/v1/models")]
    [InlineData("openai", "/responses", "https://api.openai.com/v1/responses")]
    [InlineData("openrouter", "/v1/chat/completions", "https://openrouter.ai/api/v1/chat/completions")]
    [InlineData("openrouter", "/api/v1/chat/completions", "https://openrouter.ai/api/v1/chat/completions")]
    [InlineData("groq", "/v1/chat/completions", "https://api.groq.com/openai/v1/chat/completions")]
    [InlineData("groq", "/openai/v1/chat/completions", "https://api.groq.com/openai/v1/chat/completions")]
    [InlineData("groq", "/openai/v1/v1/embeddings", "https://api.groq.com/openai/v1/embeddings")]
    [InlineData("mistral", "/v1/chat/completions", "https://api.mistral.ai/v1/chat/completions")]
    [InlineData("deepseek", "/chat/completions", "https://api.deepseek.com/v1/chat/completions")]
    [InlineData("deepseek", "/v1/chat/completions", "https://api.deepseek.com/v1/chat/completions")]
    [InlineData("xai", "/v1/responses", "https://api.x.ai/v1/responses")]
    [InlineData("together", "/embeddings", "https://api.together.xyz/v1/embeddings")]
    [InlineData("cerebras", "/v1/chat/completions", "https://api.cerebras.ai/v1/chat/completions")]
    [InlineData("moonshot", "/v1/chat/completions", "https://api.moonshot.ai/v1/chat/completions")]
    [InlineData("perplexity", "/chat/completions", "https://api.perplexity.ai/chat/completions")]
    [InlineData("perplexity", "/v1/chat/completions", "https://api.perplexity.ai/chat/completions")]
    [InlineData("cohere", "/compatibility/v1/chat/completions", "https://api.cohere.ai/compatibility/v1/chat/completions")]
    [InlineData("cohere", "/v1/embeddings", "https://api.cohere.ai/compatibility/v1/embeddings")]
    [InlineData("fireworks", "/inference/v1/chat/completions", "https://api.fireworks.ai/inference/v1/chat/completions")]
    [InlineData("fireworks", "/v1/completions", "https://api.fireworks.ai/inference/v1/completions")]
    [InlineData("ollama", "/v1/chat/completions", "http://localhost:11434/v1/chat/completions")]
    [InlineData("gemini", "/models/m:generateContent", "https://generativelanguage.googleapis.com/v1beta/models/m:generateContent")]
    [InlineData("gemini", "/v1beta/models/m:generateContent", "https://generativelanguage.googleapis.com/v1beta/models/m:generateContent")]
    [InlineData("gemini", "/v1/models/m:generateContent", "https://generativelanguage.googleapis.com/v1/models/m:generateContent")]
    [InlineData("gemini", "/v1alpha/models", "https://generativelanguage.googleapis.com/v1alpha/models")]
    [InlineData("gemini", "/v1beta/v1beta/models", "https://generativelanguage.googleapis.com/v1beta/models")]
    [InlineData("gemini", "/models%2Fm:generateContent", "https://generativelanguage.googleapis.com/v1beta/models/m:generateContent")]
    [InlineData("gemini", "/v1/models/models%2Fm:countTokens", "https://generativelanguage.googleapis.com/v1/models/m:countTokens")]
    [InlineData("gemini", "/v1beta/openai/chat/completions", "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions")]
    [InlineData("gemini", "/openai/v1/embeddings", "https://generativelanguage.googleapis.com/v1beta/openai/embeddings")]
    [InlineData("gemini", "/v1/openai/models", "https://generativelanguage.googleapis.com/v1/openai/models")]
    [InlineData("azure", "/openai/deployments/d/chat/completions", "https://azure.invalid/openai/deployments/d/chat/completions")]
    [InlineData("azure", "/deployments/d/embeddings", "https://azure.invalid/openai/deployments/d/embeddings")]
    [InlineData("azure", "/openai/v1/responses", "https://azure.invalid/openai/v1/responses")]
    [InlineData("azure", "/openai/models", "https://azure.invalid/openai/models")]
    public void Path_of_an_SDK_leads_to_the_providers(string provider, string path, string address)
    {
        var (api, read) = ProviderPath.Read(KnownProviders.All.ByName(provider)!, path);

        Assert.Equal(address, api.BaseUrl.GetLeftPart(UriPartial.Authority) + ProviderPath.Write(api, read));
        var method = path.Contains("models", StringComparison.Ordinal) && !path.Contains(':', StringComparison.Ordinal) ? "GET" : "POST";
        Assert.NotNull(api.Dialect.FindEndpoint(method, read.Path));
    }

    [Theory]
    [InlineData("https://llm.example/v1", "/v1/chat/completions", "/v1/chat/completions")]
    [InlineData("https://llm.example/v1/", "/chat/completions", "/v1/chat/completions")]
    [InlineData("https://llm.example/api/paas/v4", "/v1/chat/completions", "/api/paas/v4/chat/completions")]
    [InlineData("https://llm.example/api/paas/v4", "/api/paas/v4/chat/completions", "/api/paas/v4/chat/completions")]
    [InlineData("https://llm.example/api/paas/v4", "/v4/chat/completions", "/api/paas/v4/chat/completions")]
    [InlineData("https://llm.example/vllm", "/v1/models", "/vllm/v1/models")]
    [InlineData("https://llm.example", "/v2/chat/completions", "/v2/chat/completions")]
    public void Address_with_a_version_does_not_get_another(string baseUrl, string path, string sent)
    {
        var provider = new Provider { Name = "mine", Dialect = Dialect.OpenAi, BaseUrl = new(baseUrl), TelemetryName = "mine" };
        var (api, read) = ProviderPath.Read(provider, path);

        Assert.Equal(sent, ProviderPath.Write(api, read));
    }
}
