using System.IO.Compression;
using System.Text;
using AiPipe.Proxy.Providers;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AiPipe.Tests.Security;

/// <summary>Providers that quote our key: its text reaches no caller, no log and no ledger, and the key is cooled down.</summary>
public sealed class KeyRedactionTests(PostgresFixture postgres, SharedGateway shared) : GatewayTest(postgres, shared),
    IClassFixture<SharedGateway>
{
    private const string Chat = "/openai/v1/chat/completions";
    private const string Hi = """{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hi"}]}""";
    private const string Key = Gateway.ProviderKey;

    public static TheoryData<int, string> Quotes()
    {
        var data = new TheoryData<int, string>();
        foreach (var status in new[] { 400, 403, 404, 409, 422, 429, 500, 503 }) data.Add(status, Key);
        data.Add(400, Key.ToUpperInvariant());
        data.Add(400, Convert.ToBase64String(Encoding.ASCII.GetBytes(Key)));
        data.Add(400, Convert.ToBase64String(Encoding.ASCII.GetBytes("Bearer " + Key)));
        data.Add(400, Key[..18]);
        data.Add(400, Key[^17..]);
        data.Add(400, Key.Replace("-", "\\u002d", StringComparison.Ordinal));
        data.Add(400, Key.Replace("-", "%2D", StringComparison.Ordinal));
        data.Add(400, "AIza-of-ours");
        return data;
    }

    [Theory]
    [MemberData(nameof(Quotes))]
    public async Task Error_that_quotes_a_key_reaches_the_caller_without_it(int status, string quoted)
    {
        Provider.Answer = (http, _) =>
        {
            http.Response.Headers["x-request-id"] = "kept";
            http.Response.Headers["x-debug"] = "authorization=" + quoted;
            return Answers.Json(http, $$$"""{"error":{"message":"Wrong key {{{quoted}}} given","code":"some_code"}}""", status);
        };
        using var response = await Gateway.Http.SendAsync(Gateway.Post(Chat, Hi));

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("kept", Assert.Single(response.Headers.GetValues("x-request-id")));
        await AssertHiddenAsync(response, quoted);
    }

    [Fact]
    public async Task Error_keeps_what_is_no_key()
    {
        Provider.Answer = (http, _) => Answers.Json(http, """{"error":{"message":"Größe: sk-proj- is not sk-ant-api03-"}}""", 400);
        using var response = await Gateway.Http.SendAsync(Gateway.Post(Chat, Hi));
        Assert.Equal("""{"error":{"message":"Größe: sk-proj- is not sk-ant-api03-"}}""", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task Compressed_error_is_searched_as_well(string coding)
    {
        Provider.Answer = async (http, _) =>
        {
            http.Response.StatusCode = 400;
            http.Response.ContentType = "application/json";
            http.Response.Headers.ContentEncoding = coding;
            using var packed = new MemoryStream();
            await using (Stream writer = coding == "br" ? new BrotliStream(packed, CompressionMode.Compress, leaveOpen: true)
                : new GZipStream(packed, CompressionMode.Compress, leaveOpen: true))
                await writer.WriteAsync(Encoding.UTF8.GetBytes($$$"""{"error":{"message":"no {{{Key}}}"}}"""));
            await http.Response.Body.WriteAsync(packed.ToArray());
        };
        using var response = await Gateway.Http.SendAsync(Gateway.Post(Chat, Hi));
        Assert.Contains("message", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await AssertHiddenAsync(response, Key);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(12)]
    [InlineData(22)]
    public async Task Error_event_of_a_stream_that_quotes_the_key_in_two_pieces_is_redacted(int split)
    {
        Provider.Answer = async (http, _) =>
        {
            await Answers.BeginStream(http);
            await Answers.Event(http, Answers.Chunk("Hello"));
            await http.Response.WriteAsync("data: {\"error\":{\"message\":\"bad key " + Key[..split]);
            await http.Response.Body.FlushAsync();
            await http.Response.WriteAsync(Key[split..] + "\"}}\n\n");
            await http.Response.Body.FlushAsync();
        };
        using var response = await Gateway.Http.SendAsync(Gateway.Post(Chat, Hi.Insert(1, "\"stream\":true,")));
        var text = await response.Content.ReadAsStringAsync();
        Assert.Contains("Hello", text, StringComparison.Ordinal);
        Assert.Contains("bad key ", text, StringComparison.Ordinal);
        await AssertHiddenAsync(response, Key);
    }

    [Fact]
    public async Task Answer_of_a_free_endpoint_and_an_answer_that_succeeds_have_no_key_either()
    {
        Provider.Answer = (http, _) => Answers.Json(http, $$$"""{"id":"{{{Key}}}","model":"{{{Key}}}","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1},"object":"list","data":[]}""");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/openai/v1/models");
        request.Headers.Add("Authorization", "Bearer " + Gateway.Token());
        using var models = await Gateway.Http.SendAsync(request);
        Assert.True(models.IsSuccessStatusCode);
        await AssertHiddenAsync(models, Key);
        using var chat = await Gateway.Http.SendAsync(Gateway.Post(Chat, Hi));
        Assert.True(chat.IsSuccessStatusCode);
        await AssertHiddenAsync(chat, Key);
    }

    [Fact]
    public async Task Key_that_was_quoted_is_cooled_down()
    {
        await StartOwnAsync();
        Provider.Answer = (http, _) => Answers.Json(http, $$$"""{"error":{"message":"{{{Key}}}"}}""", 404);
        using var response = await Gateway.Http.SendAsync(Gateway.Post(Chat, Hi));
        var catalog = Gateway.Services.GetRequiredService<ProviderCatalog>();
        Assert.True(catalog.TryFind("openai", out var openAi));
        // The gateway notes it after the response.
        await Eventually.TrueAsync(
            () => openAi.Credentials[0].CoolsUntil(Gateway.Services.GetRequiredService<TimeProvider>().GetUtcNow()) is not null, "the key cooling down");
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task Redirect_does_not_pass(int status)
    {
        Provider.Answer = (http, _) =>
        {
            http.Response.StatusCode = status;
            http.Response.Headers.Location = "http://169.254.169.254/latest/meta-data";
            return Task.CompletedTask;
        };
        using var response = await Gateway.Http.SendAsync(Gateway.Post(Chat, Hi));
        Assert.Equal((502, "upstream_redirected"), ((int)response.StatusCode, await response.CodeAsync()));
        Assert.Null(response.Headers.Location);
        await Gateway.FlushAsync();
        Assert.Equal(0m, Assert.Single(await LedgerRowsAsync()).Cost);
    }

    private async Task AssertHiddenAsync(HttpResponseMessage response, string quoted)
    {
        var all = response + await response.Content.ReadAsStringAsync();
        foreach (var hidden in new[] { quoted, Key, "AIza-of-ours" })
            Assert.DoesNotContain(hidden, all, StringComparison.OrdinalIgnoreCase);
        await Gateway.FlushAsync();
        Assert.DoesNotContain(Gateway.Logs.Lines, line => line.Contains(Key, StringComparison.OrdinalIgnoreCase));
    }
}
