using System.Text.Json;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Scenarios;

namespace AiPipe.Tests.Clients;

/// <summary>Anthropic's SDK, with the gateway as its base URL and a token as its key.</summary>
public sealed class AnthropicClientTests(PostgresFixture postgres, SharedGateway shared, NpmPackages npm)
    : GatewayTest(postgres, shared), IClassFixture<SharedGateway>
{
    protected override void Configure(Dictionary<string, string?> settings)
    {
        settings["AiPipe:Providers:anthropic:BaseUrl"] = settings["AiPipe:Providers:openai:BaseUrl"];
        settings["AiPipe:Providers:anthropic:Keys:0"] = "sk-ant-of-ours-0123456789";
    }

    [Fact]
    public async Task Messages_streams_counts_and_errors_are_read_and_billed()
    {
        Provider.Answer = static (http, seen) =>
            http.Request.Path.Value!.EndsWith("count_tokens", StringComparison.Ordinal) ? Answers.Json(http, """{"input_tokens":14}""")
                : seen.Text.Contains("\"stream\":true", StringComparison.Ordinal) ? AnthropicTests.StreamAsync(http, isWhole: true)
                : Answers.Json(http, """
                    {"id":"msg_1","type":"message","role":"assistant","model":"claude-haiku-4-5","content":[{"type":"text","text":"Hello"}],
                    "stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":1000,"output_tokens":200}}
                    """);
        var lines = (await npm.RunAsync("anthropic.mjs", Gateway.Address, Gateway.Token()))
            .Select(static line => JsonElement.Parse(line)).ToList();

        Assert.Equal(4, lines.Count);
        Assert.Equal(("Hello", 200), (lines[0].Text("text"), lines[0].GetProperty("output").GetInt32()));
        Assert.Equal(("Hello! How are you?", 50), (lines[1].Text("text"), lines[1].GetProperty("output").GetInt32()));
        Assert.Equal(14, lines[2].GetProperty("input").GetInt32());
        Assert.Equal((400, "invalid_request_error", "unsupported_field"),
            (lines[3].GetProperty("status").GetInt32(), lines[3].Text("type"), lines[3].Text("code")));
        // 1,000 × 1 + 200 × 5, then 100 × 1 + 1,000 × 0.1 + 100 × 1.25 + 200 × 2 + 50 × 5, per million.
        Assert.Equal(0.002m + 0.000975m, await Gateway.SpentAsync());
    }
}
