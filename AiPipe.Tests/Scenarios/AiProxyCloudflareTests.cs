using System.Text.Json;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;

namespace AiPipe.Tests.Scenarios;

/// <summary>
/// The commands of ai-proxy-cloudflare's document, run as they are printed, but for the host, the access token and the user's key.
/// </summary>
public sealed class AiProxyCloudflareTests(PostgresFixture postgres) : GatewayTest(postgres)
{
    private const string Printed = "https://ai-proxy.example.com";

    protected override void Configure(Dictionary<string, string?> settings)
    {
        settings["ACCESS_TOKEN"] = "k3Vt9wQx2m";
        settings["AiPipe:Providers:groq:BaseUrl"] = settings["AiPipe:Providers:openai:BaseUrl"] + "/openai";
    }

    [Fact]
    public async Task Document_works_as_it_is_printed()
    {
        var first = await RunAsync("curl -X POST https://ai-proxy.example.com/k3Vt9wQx2m/register/janlay");
        Assert.Matches("^sk-cfw[0-9A-Za-z]{40}$", first);
        var key = await RunAsync("curl -X POST https://ai-proxy.example.com/k3Vt9wQx2m/reset/janlay");
        Assert.Matches("^sk-cfw[0-9A-Za-z]{40}$", key);
        Assert.Equal("OK", await RunAsync(
            "curl -X POST https://ai-proxy.example.com/k3Vt9wQx2m/addkey/api.groq.com/gsk_your_groq_api_key_here"));

        Assert.Equal("Hello", ContentOf(await RunAsync("""
            curl https://ai-proxy.example.com/v1/chat/completions \
              -H "Content-Type: application/json" \
              -H "Authorization: Bearer sk-cfw****" \
              -d '{
                "model": "gpt-3.5-turbo",
                "messages": [{"role": "user", "content": "Say this is a test"}],
                "temperature": 0.7
              }'
            """, key)));
        Assert.Equal("Hello", ContentOf(await RunAsync("""
            curl https://ai-proxy.example.com/openai/v1/chat/completions \
              -H "Content-Type: application/json" \
              -H "Authorization: Bearer sk-cfw****" \
              -H "X-Host-Final: api.groq.com" \
              -d '{
                "model": "mixtral-8x7b-32768",
                "messages": [{"role": "user", "content": "Say this is a test"}],
                "temperature": 0.7
              }'
            """, key)));

        Assert.Equal(
            [("/v1/chat/completions", $"Bearer {Gateway.ProviderKey}"),
                ("/openai/v1/chat/completions", "Bearer gsk_your_groq_api_key_here")],
            Provider.Seen.Select(seen => (seen.Target, seen.Headers["Authorization"])));
        Assert.All(Provider.Seen, seen => Assert.DoesNotContain("X-Host-Final", seen.Headers.Keys, StringComparer.OrdinalIgnoreCase));
        await Gateway.FlushAsync();
        // At OpenAI's prices 0.5 and 1.5 USD a million, at Groq's 0.24 and 0.24; 1000 tokens in, 500 out.
        Assert.Equal(
            [("janlay", "openai", "gpt-3.5-turbo", 0.00125m), ("janlay", "groq", "mixtral-8x7b-32768", 0.00036m)],
            (await LedgerRowsAsync()).Select(row => (row.User, row.Provider!, row.Model!, row.Cost)));

        Assert.Equal("OK", await RunAsync("curl -X DELETE https://ai-proxy.example.com/k3Vt9wQx2m/delete/janlay"));
        Assert.Equal("token_invalid", await Gateway.CallAsync(key));
        Assert.Equal("token_invalid", await Gateway.CallAsync(first));
        Assert.DoesNotContain(
            Gateway.Logs.Lines, line =>
            line.Contains("gsk_your", StringComparison.Ordinal) || line.Contains("/k3Vt9wQx2m", StringComparison.Ordinal));
    }

    private static string ContentOf(string answer) =>
        JsonDocument.Parse(answer).RootElement.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;

    private async Task<string> RunAsync(string command, string key = "")
    {
        using var shell = new Shell();
        return await shell.RunAsync(
            command.Replace(Printed, Gateway.Address, StringComparison.Ordinal).Replace("sk-cfw****", key, StringComparison.Ordinal));
    }
}
