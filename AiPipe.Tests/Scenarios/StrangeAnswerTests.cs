using System.Text;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Scenarios;

/// <summary>Providers that do not say what they send: what was reported is billed all the same, to the token.</summary>
public sealed class StrangeAnswerTests(PostgresFixture postgres, SharedGateway shared)
    : GatewayTest(postgres, shared), IClassFixture<SharedGateway>
{
    private const string Chat = "/openai/v1/chat/completions";
    private const string Hi = """{"model":"gpt-4o-mini","stream":true,"messages":[{"role":"user","content":"hi"}]}""";

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    [InlineData("deflate", "raw deflate")]
    [InlineData("GZIP")]
    [InlineData("zstd")]
    [InlineData("gzip, zstd")]
    [InlineData("gzip, br")]
    [InlineData("deflate,identity, x-gzip", "deflate, gzip")]
    [InlineData("br, gzip, deflate", "br, gzip, raw deflate")]
    public async Task Answer_that_was_compressed_unasked_is_billed_and_readable(string coding, string? how = null)
    {
        Provider.Answer = async (http, _) =>
        {
            var body = Encoding.UTF8.GetBytes(Answers.Chat(1000, 500));
            foreach (var step in (how ?? coding).ToLowerInvariant().Split(", ")) body = await CompressAsync(body, step);
            (http.Response.ContentType, http.Response.Headers.ContentEncoding, http.Response.ContentLength) =
                ("application/json", coding, body.Length);
            await http.Response.Body.WriteAsync(body);
        };
        using var response = await Gateway.Http.SendAsync(Gateway.Post(Chat, Hi));

        Assert.Equal(Answers.Chat(1000, 500), await response.Content.ReadAsStringAsync());
        Assert.Empty(response.Content.Headers.ContentEncoding);
        Assert.Equal(0.00045m, await Gateway.SpentAsync());
    }

    [Theory]
    [InlineData("deflate")]
    [InlineData("raw deflate")]
    [InlineData("br")]
    [InlineData("zstd")]
    public async Task Stream_that_was_compressed_unasked_is_billed_and_readable(string coding)
    {
        var sent = $"data: {Answers.Chunk("Hello")}\n\ndata: {Answers.UsageChunk(1000, 500)}\n\ndata: [DONE]\n\n";
        Provider.Answer = async (http, _) =>
        {
            (http.Response.ContentType, http.Response.Headers.ContentEncoding) = ("text/event-stream", coding.Split(' ')[^1]);
            // One byte at a time: not even the header of the data arrives at once.
            foreach (var one in await CompressAsync(Encoding.UTF8.GetBytes(sent), coding))
            {
                await http.Response.Body.WriteAsync(new[] { one });
                await http.Response.Body.FlushAsync();
            }
        };
        using var response = await Gateway.Http.SendAsync(Gateway.Post(
            Chat, Hi.Replace("\"stream\":true", "\"stream\":true,\"stream_options\":{\"include_usage\":true}", StringComparison.Ordinal)));

        Assert.StartsWith(sent, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(0.00045m, await Gateway.SpentAsync());
    }

    [Theory]
    [InlineData("compress", "gpt-4o-mini", true)]
    [InlineData("dcb", "o3", false)]
    [InlineData("gzip, dcz", "gpt-4o-mini", false)]
    [InlineData("gzip;q=1", "gpt-4o-mini", false)]
    [InlineData("gzip, gzip, gzip, gzip, gzip", "o3", true)]
    public async Task Answer_in_an_unknown_coding_is_refused_and_charged_its_reservation(string coding, string model, bool streams)
    {
        Provider.Answer = async (http, _) =>
        {
            (http.Response.ContentType, http.Response.Headers.ContentEncoding) = ("application/json", coding);
            await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(Answers.Chat(1000, 500)));
        };
        using var response = await Gateway.Http.SendAsync(Gateway.Post(Chat, $$"""
            {"model":"{{model}}","max_completion_tokens":1000,"stream":{{(streams ? "true" : "false")}},
            "messages":[{"role":"user","content":"hi"}]}
            """));

        Assert.Equal((System.Net.HttpStatusCode.BadGateway, "upstream_unreadable"), (response.StatusCode, await response.CodeAsync()));
        await Eventually.TrueAsync(async () => (await Gateway.GetJsonAsync("/usage")).GetProperty("held").GetDecimal() == 0, "settlement");
        await Gateway.FlushAsync();
        var entry = Assert.Single(await LedgerRowsAsync());
        Assert.Equal((502, true), (entry.Status, entry.Estimated));
        Assert.Contains("\"reservation\"", entry.Receipt, StringComparison.Ordinal);
        Assert.InRange(entry.Cost, 1000 * (model == "o3" ? 8m : 0.6m) / 1_000_000, 0.05m);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/json")]
    [InlineData(null)]
    public async Task Stream_of_events_under_another_name_is_billed(string? type)
    {
        Provider.Answer = async (http, _) =>
        {
            http.Response.ContentType = type;
            await Answers.Event(http, Answers.Chunk("Hello"));
            await Answers.Event(http, Answers.UsageChunk(1000, 500));
            await Answers.Event(http, "[DONE]");
        };
        using var response = await Gateway.Http.SendAsync(Gateway.Post(Chat, Hi));
        await response.Content.ReadAsStringAsync();

        Assert.Equal(0.00045m, await Gateway.SpentAsync());
    }

    [Fact]
    public async Task Json_that_is_called_a_stream_of_events_is_billed()
    {
        Provider.Answer = async (http, _) =>
        {
            http.Response.ContentType = "text/event-stream";
            await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(" \r\n" + Answers.Chat(1000, 500)));
        };
        using var response = await Gateway.Http.SendAsync(Gateway.Post(Chat, Hi));
        await response.Content.ReadAsStringAsync();

        Assert.Equal(0.00045m, await Gateway.SpentAsync());
    }

    private static Task<byte[]> CompressAsync(byte[] content, string coding) => Compression.CompressAsync(content, coding);
}
