using System.Net;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Scenarios;

/// <summary>Base URLs as the documentation of each SDK has them, with the provider's name before the SDK's own path.</summary>
public sealed class SdkPathTests(PostgresFixture postgres, SharedGateway shared)
    : GatewayTest(postgres, shared), IClassFixture<SharedGateway>
{
    private const string Key = "key-of-ours-0123456789";

    protected override void Configure(Dictionary<string, string?> settings)
    {
        var provider = settings["AiPipe:Providers:openai:BaseUrl"];
        foreach (var (name, path) in ((string, string)[])[("groq", "/openai"), ("perplexity", ""), ("mistral", "/v1"), ("azure", "")])
        {
            settings[$"AiPipe:Providers:{name}:BaseUrl"] = provider + path;
            settings[$"AiPipe:Providers:{name}:Keys:0"] = Key;
        }
        settings["AiPipe:Providers:azure:Deployments:course"] = "gpt-4o-mini";
        settings["AiPipe:Providers:azure:ApiVersion"] = "2025-01-01-preview";
        settings["AiPipe:Providers:ollama:BaseUrl"] = provider;
    }

    [Theory]
    [InlineData("/groq/openai/v1/chat/completions", "llama-3.1-8b-instant", "/openai/v1/chat/completions", "0.00009")]
    [InlineData("/perplexity/chat/completions", "sonar", "/chat/completions", null)]
    [InlineData("/mistral/v1/chat/completions", "mistral-small-latest", "/v1/chat/completions", null)]
    [InlineData("/openrouter/api/v1/chat/completions", "openai/gpt-4o-mini", "/api/v1/chat/completions", "0.00045")]
    [InlineData("/gemini/v1beta/openai/chat/completions", "gemini-2.0-flash", "/v1beta/openai/chat/completions", "0.0003")]
    [InlineData("/openai/chat/completions", "gpt-4o-mini", "/v1/chat/completions", "0.00045")]
    [InlineData("/v1/v1/chat/completions", "gpt-4o-mini", "/v1/chat/completions", "0.00045")]
    [InlineData("/azure/openai/v1/chat/completions", "course", "/openai/v1/chat/completions", "0.00045")]
    [InlineData("/azure/openai/deployments/course/chat/completions", "gpt-4o",
        "/openai/deployments/course/chat/completions?api-version=2025-01-01-preview", "0.00045")]
    [InlineData("/azure/openai/deployments/gpt-4o-mini/chat/completions?api-version=2024-06-01", "x",
        "/openai/deployments/gpt-4o-mini/chat/completions?api-version=2024-06-01", "0.00045")]
    [InlineData("/ollama/v1/chat/completions", "llama3.2:3b", "/v1/chat/completions", "0")]
    public async Task Call_is_sent_to_the_providers_path_and_billed(string path, string model, string target, string? cost)
    {
        using var request = Gateway.Post(path, $$"""{"model":"{{model}}","messages":[{"role":"user","content":"hi"}]}""");
        using var response = await Gateway.Http.SendAsync(request);

        Assert.Equal((HttpStatusCode.OK, Answers.Chat(1000, 500)), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        var seen = Provider.Seen.Single(seen => seen.Method == "POST");
        Assert.Equal(target, seen.Target);
        Assert.Equal(path.StartsWith("/azure", StringComparison.Ordinal) ? Key : null, seen.Headers.GetValueOrDefault("api-key"));
        if (path.StartsWith("/gemini", StringComparison.Ordinal)) Assert.Equal("Bearer AIza-of-ours", seen.Headers["Authorization"]);
        var spent = await Gateway.SpentAsync();
        if (cost is not null) Assert.Equal(decimal.Parse(cost, System.Globalization.CultureInfo.InvariantCulture), spent);
        else Assert.InRange(spent, 0.0001m, 0.05m);
    }

    [Theory]
    [InlineData("v1beta")]
    [InlineData("v1")]
    [InlineData("v1alpha")]
    public async Task Version_of_Googles_SDK_is_sent_on(string version)
    {
        Provider.Answer = static (http, _) => Answers.Json(http, """
            {"candidates":[{"content":{"parts":[{"text":"Hello"}]},"finishReason":"STOP"}],
            "usageMetadata":{"promptTokenCount":1000,"candidatesTokenCount":500,"totalTokenCount":1500}}
            """);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/gemini/{version}/models/gemini-2.0-flash:generateContent")
        {
            Content = new StringContent("""{"contents":[{"parts":[{"text":"hi"}]}]}""", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")),
        };
        request.Headers.Add("x-goog-api-key", Gateway.Token());
        using var response = await Gateway.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal($"/{version}/models/gemini-2.0-flash:generateContent", Assert.Single(Provider.Seen).Target);
        Assert.Equal(0.0003m, await Gateway.SpentAsync());
    }

    [Theory]
    [InlineData("/mistral/v1/chat/completions", "unknown-model")]
    [InlineData("/azure/openai/deployments/unknown/chat/completions", "gpt-4o")]
    [InlineData("/azure/openai/v1/chat/completions", "unknown")]
    [InlineData("/perplexity/chat/completions", "unknown")]
    public async Task Model_without_a_price_is_refused(string path, string model)
    {
        using var response = await Gateway.Http.SendAsync(Gateway.Post(path, $$"""{"model":"{{model}}","messages":[]}"""));
        Assert.Equal("model_price_unknown", await response.CodeAsync());
    }

    [Theory]
    [InlineData("/openai/v1/models/openai%2Fgpt-4o-mini", "/v1/models/openai%2Fgpt-4o-mini")]
    [InlineData("/openrouter/api/v1/models/openai%2fgpt-4o", "/api/v1/models/openai%2fgpt-4o")]
    [InlineData("/openrouter/v1/models/anthropic%2Fclaude%2Fx", "/api/v1/models/anthropic%2Fclaude%2Fx")]
    [InlineData("/openai/v1/models/a%2F..%2F..%2Ffiles", null)]
    [InlineData("/openai/v1/models/%2e%2e%2Ffiles", null)]
    public async Task Slash_of_a_models_name_may_be_encoded(string path, string? target)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Gateway.Address + path, new UriCreationOptions
        {
            DangerousDisablePathAndQueryCanonicalization = true,
        }));
        request.Headers.TryAddWithoutValidation("Authorization", Gateway.Token());
        using var response = await Gateway.Http.SendAsync(request);

        Assert.Equal(target is not null, response.IsSuccessStatusCode);
        if (target is null) Assert.Empty(Provider.Seen);
        else Assert.Equal(target.Replace("%2f", "/", StringComparison.OrdinalIgnoreCase),
            Assert.Single(Provider.Seen).Target.Replace("%2f", "/", StringComparison.OrdinalIgnoreCase));
    }
}
