using System.Net;
using System.Net.Http.Headers;
using System.Text;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Scenarios;

/// <summary>What clients send that is unusual, but right.</summary>
public sealed class ClientHabitTests(PostgresFixture postgres, SharedGateway shared)
    : GatewayTest(postgres, shared), IClassFixture<SharedGateway>
{
    private const string Chat = "/openai/v1/chat/completions";
    private const string Hi = """{"model":"gpt-4o-mini","messages":[{"role":"user","content":"hi"}]}""";

    protected override void Configure(Dictionary<string, string?> settings) =>
        settings["AiPipe:Forwarding:MaxBodyBytes"] = "1000000";

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("zstd")]
    [InlineData("deflate")]
    [InlineData("deflate", "raw deflate")]
    [InlineData("ZSTD")]
    [InlineData("x-gzip")]
    [InlineData("gzip, zstd")]
    [InlineData("identity", "")]
    public async Task Compressed_body_is_sent_on_as_it_was_before(string coding, string? how = null)
    {
        using var request = await CompressedAsync(Encoding.UTF8.GetBytes(Hi), coding, how ?? coding);
        using var response = await Gateway.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var seen = Assert.Single(Provider.Seen);
        Assert.Equal((Hi, false), (seen.Text, seen.Headers.ContainsKey("Content-Encoding")));
        Assert.Equal(0.00045m, await Gateway.SpentAsync());
    }

    [Theory]
    [InlineData("compress")]
    [InlineData("dcz")]
    [InlineData("gzip, snappy")]
    [InlineData("gzip, gzip, gzip, gzip, gzip")]
    public async Task Unknown_coding_is_named_in_a_415(string coding)
    {
        using var request = await CompressedAsync(Encoding.UTF8.GetBytes(Hi), coding, "");
        using var response = await Gateway.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Contains($"\"{coding.Replace("gzip, snappy", "snappy", StringComparison.Ordinal)}\"",
            (await response.JsonAsync()).GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Empty(Provider.Seen);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("zstd")]
    [InlineData("deflate")]
    [InlineData("gzip, gzip")]
    public async Task Body_that_is_larger_than_the_limit_once_decoded_is_413(string coding)
    {
        using var request = await CompressedAsync(new byte[64 << 20], coding, coding);
        using var response = await Gateway.Http.SendAsync(request);

        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "body_too_large"), (response.StatusCode, await response.CodeAsync()));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("zstd")]
    [InlineData("deflate")]
    public async Task Body_without_the_coding_that_it_names_is_400(string coding)
    {
        using var request = await CompressedAsync(Encoding.UTF8.GetBytes(Hi), coding, "");
        using var response = await Gateway.Http.SendAsync(request);

        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (response.StatusCode, await response.CodeAsync()));
    }

    [Theory]
    [InlineData("api-key")]
    [InlineData("x-api-key")]
    [InlineData("x-goog-api-key")]
    [InlineData("Authorization")]
    public async Task Token_may_be_in_any_header_of_the_providers(string header)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Chat)
        {
            Content = new StringContent(Hi, new MediaTypeHeaderValue("application/json")),
        };
        request.Headers.TryAddWithoutValidation(header, Gateway.Token());
        using var response = await Gateway.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.DoesNotContain(Assert.Single(Provider.Seen).Headers, sent => sent.Value.Contains(Gateway.Token(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Chat, Hi)]
    [InlineData("/openai/v1/responses", """{"model":"gpt-4o-mini","input":"hi"}""")]
    [InlineData("/openrouter/v1/chat/completions", """{"model":"openai/gpt-4o-mini","models":[],"messages":[]}""")]
    [InlineData("/similarity", """{"docs":["a"]}""", false)]
    public async Task Byte_order_mark_is_skipped(string path, string json, bool isSentOn = true)
    {
        if (!isSentOn) Provider.Answer = static (http, _) =>
            Answers.Json(http, """{"data":[{"embedding":[1,0]}],"usage":{"prompt_tokens":8}}""");
        using var request = Gateway.Post(path, "\uFEFF" + json);
        using var response = await Gateway.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal((byte)'{', Provider.Seen.Single(seen => seen.Method == "POST").Body[0]);
    }

    [Theory]
    [InlineData("""{"data":[{"embedding":[1,0]},{"embedding":[0,1]}],"usage":{"prompt_tokens":8}}""")]
    [InlineData("""{"data":[{"embedding":[1,0],"index":null},{"embedding":[0,1],"index":null}]}""")]
    [InlineData("""{"data":[{"index":1,"embedding":[0,1]},{"index":0,"embedding":[1,0]}]}""")]
    [InlineData("""{"data":[{"embedding":"AACAPwAAAAA="},{"embedding":"AAAAAAAAgD8="}]}""")]
    public async Task Embeddings_without_an_index_are_in_the_order_of_the_texts(string embeddings)
    {
        Provider.Answer = (http, _) => Answers.Json(http, embeddings);
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/similarity", """{"docs":["a","b"]}"""));

        Assert.Equal("[[1,0],[0,1]]", (await response.JsonAsync()).GetProperty("similarity").GetRawText());
    }

    [Theory]
    [InlineData("/usage", "sk-test-key-usage-denied")]
    [InlineData("/usage", "AIzaSyAdminDeniedKey123456789")]
    [InlineData("/admin/usage", "sk-test-key-admin-denied")]
    [InlineData("/keys", "sk-or-v1-0123456789")]
    public async Task Providers_key_is_told_what_to_use_in_the_words_of_the_original(string path, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {key}");
        using var response = await Gateway.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Contains("AIPipe JWT token", (await response.JsonAsync()).GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    private async Task<HttpRequestMessage> CompressedAsync(byte[] body, string coding, string how)
    {
        foreach (var step in how.ToLowerInvariant().Split(", ", StringSplitOptions.RemoveEmptyEntries))
            body = await Compression.CompressAsync(body, step);
        var request = Gateway.Post(Chat, "");
        request.Content = new ByteArrayContent(body);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Content.Headers.TryAddWithoutValidation("Content-Encoding", coding);
        return request;
    }
}
