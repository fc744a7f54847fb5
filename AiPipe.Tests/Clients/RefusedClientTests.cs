using System.Text.Json;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Clients;

/// <summary>An SDK never sleeps on a refusal: where waiting does not help, it tells the program at once.</summary>
public sealed class RefusedClientTests(PostgresFixture postgres, SharedGateway shared, NpmPackages npm)
    : GatewayTest(postgres, shared), IClassFixture<SharedGateway>
{
    protected override void Configure(Dictionary<string, string?> settings) => settings.AddBudget("@spent.example", 0.0001m, days: 7);

    [Fact]
    public async Task Budget_that_is_spent_is_told_at_once()
    {
        var email = $"{Guid.NewGuid():N}@spent.example";
        using (var first = await Gateway.Http.SendAsync(Gateway.Post(
            "/openai/v1/chat/completions", """{"model":"gpt-4o-mini","max_tokens":100,"messages":[]}""", Gateway.Token(email)))) first.EnsureSuccessStatusCode();
        var lines = await npm.RunAsync("refused.mjs", Gateway.Address, Gateway.Token(email));

        Assert.Equal(["openai", "ai", "genai"], lines.Select(line => JsonElement.Parse(line).GetProperty("sdk").GetString()));
        Assert.All(lines, line => Assert.Contains("Usage $", line, StringComparison.Ordinal));
        Assert.All(lines, line => Assert.Equal(429, JsonElement.Parse(line).GetProperty("status").GetInt32()));
        // OpenAI's obeys x-should-retry. The others do not know the header, and try again a few times within seconds.
        Assert.Equal(1, JsonElement.Parse(lines[0]).GetProperty("requests").GetInt32());
        Assert.All(lines, line => Assert.InRange(JsonElement.Parse(line).GetProperty("requests").GetInt32(), 1, 5));
    }

    [Fact]
    public async Task Budget_that_is_spent_is_told_by_the_dotnet_client_at_once()
    {
        var email = $"{Guid.NewGuid():N}@spent.example";
        using (var first = await Gateway.Http.SendAsync(Gateway.Post(
            "/openai/v1/chat/completions", """{"model":"gpt-4o-mini","max_tokens":100,"messages":[]}""", Gateway.Token(email)))) first.EnsureSuccessStatusCode();
        // With the retries that it has by default.
        var client = new OpenAI.Chat.ChatClient("gpt-4o-mini", new System.ClientModel.ApiKeyCredential(Gateway.Token(email)),
            new OpenAI.OpenAIClientOptions { Endpoint = new Uri(Gateway.Address + "/openai/v1") });
        var error = await Assert.ThrowsAsync<System.ClientModel.ClientResultException>(
            () => client.CompleteChatAsync([new OpenAI.Chat.UserChatMessage("Hi")]));
        Assert.Equal(429, error.Status);
        Assert.Contains("Usage $", error.Message, StringComparison.Ordinal);
    }
}
