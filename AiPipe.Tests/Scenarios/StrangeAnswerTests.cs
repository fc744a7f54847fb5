using System.IO.Compression;
using System.Text;
using AiPipe.Tests.Fixtures;

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
    public async Task Answer_that_was_compressed_unasked_is_billed_and_readable(string coding)
    {
        Provider.Answer = async (http, _) =>
        {
            using var body = new MemoryStream();
            await using (var compressed = Compress(body, coding)) await compressed.WriteAsync(
                Encoding.UTF8.GetBytes(Answers.Chat(1000, 500)));
            (http.Response.ContentType, http.Response.Headers.ContentEncoding, http.Response.ContentLength) =
                ("application/json", coding, body.Length);
            await http.Response.Body.WriteAsync(body.ToArray());
        };
        using var response = await Gateway.Http.SendAsync(Gateway.Post(Chat, Hi));

        Assert.Equal(Answers.Chat(1000, 500), await response.Content.ReadAsStringAsync());
        Assert.Empty(response.Content.Headers.ContentEncoding);
        Assert.Equal(0.00045m, await Gateway.SpentAsync());
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

    private static Stream Compress(Stream body, string coding) => coding switch
    {
        "gzip" => new GZipStream(body, CompressionMode.Compress, leaveOpen: true),
        "br" => new BrotliStream(body, CompressionMode.Compress, leaveOpen: true),
        _ => new ZLibStream(body, CompressionMode.Compress, leaveOpen: true),
    };
}
