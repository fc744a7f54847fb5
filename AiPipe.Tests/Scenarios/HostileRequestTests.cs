using System.Globalization;
using System.Net.Sockets;
using System.Text;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Scenarios;

/// <summary>Requests that no HTTP client would send, byte by byte: nothing unmetered is reached, and nothing honest is refused.</summary>
public sealed class HostileRequestTests(PostgresFixture postgres, SharedGateway shared) : GatewayTest(postgres, shared),
    IClassFixture<SharedGateway>
{
    private const string Hi = """{"model":"gpt-4o-mini","messages":[{"role":"user","content":"hi"}]}""";

    [Theory]
    [InlineData("http://any/openai/v1/models/..%2ffiles")]
    [InlineData("http://any/openai/v1/models/%2e%2e%2ffiles")]
    [InlineData("http://any/openai/v1/models/x%2f..%2f..%2f..%2fadmin")]
    [InlineData("http://any/openai/v1/models/..%5cfiles")]
    [InlineData("/openai/v1/models/..%2ffiles")]
    [InlineData("/openai/v1/models/%2e%2e/files")]
    [InlineData("/openai/v1/models/%252e%252e/files")]
    [InlineData("/openai/v1/models/a%0a")]
    public async Task No_spelling_of_a_path_reaches_what_is_not_metered(string target)
    {
        var answer = await SendAsync(
            $"GET {target} HTTP/1.1\r\nHost: any\r\nAuthorization: Bearer {Gateway.Token()}\r\nConnection: close\r\n\r\n");

        Assert.Matches("^HTTP/1.1 40[03] ", answer);
        Assert.Empty(Provider.Seen);
    }

    [Theory]
    [InlineData("http://any/openai/..%2fx")]
    [InlineData("/openai/%252e%252e/x")]
    public async Task Own_key_does_not_leave_the_providers_base_path(string target)
    {
        var answer = await SendAsync($"GET {target} HTTP/1.1\r\nHost: any\r\nAuthorization: Bearer sk-own\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Empty(Provider.Seen);
    }

    [Theory]
    [InlineData("?alt=sse", "?alt=sse")]
    [InlineData("?fields=candidates&$fields=candidates&alt=json", "?alt=json")]
    [InlineData("?alt=media", "")]
    [InlineData("?$alt=proto&$httpMethod=DELETE&callback=x&access_token=y&key=z", "")]
    [InlineData("?alt=sse&alt=proto", "")]
    public async Task Query_cannot_take_the_report_of_usage_out_of_Geminis_answer(string query, string passed)
    {
        Provider.Answer = (http, _) => Answers.Json(http, """{"candidates":[],"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":5}}""");
        using var response = await Gateway.Http.SendAsync(
            Gateway.Post("/gemini/models/gemini-2.5-flash:generateContent" + query, """{"contents":[]}"""));

        Assert.True(response.IsSuccessStatusCode);
        Assert.Equal("/v1beta/models/gemini-2.5-flash:generateContent" + passed, Assert.Single(Provider.Seen).Target);
    }

    [Theory]
    [InlineData("""{"contents":[],"tools":{"google_search":{}}}""")]
    [InlineData("""{"contents":[],"tools":[[{"googleSearch":{}}]]}""")]
    [InlineData("""{"contents":[],"tools":"googleSearch"}""")]
    [InlineData("""{"contents":[],"generationConfig":{"responseModalities":"IMAGE"}}""")]
    [InlineData("""{"contents":[],"generation_config":{"response_modalities":["IMAGE"]}}""")]
    [InlineData("""{"contents":[],"serviceTier":"priority"}""")]
    [InlineData("""{"contents":[],"service_tier":"SERVICE_TIER_PRIORITY"}""")]
    [InlineData("""{"contents":[],"model":"models/gemini-2.5-pro"}""")]
    public async Task Gemini_request_whose_extras_go_unmetered_is_refused_however_it_is_written(string body)
    {
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/gemini/models/gemini-2.5-flash:generateContent", body));

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Empty(Provider.Seen);
    }

    [Theory]
    [InlineData("""{"contents":{"parts":{"text":"hi"}},"tools":{"functionDeclarations":[]}}""")]
    [InlineData("""{"contents":[],"model":"models/gemini-2.5-flash","tools":null}""")]
    public async Task Gemini_request_in_Googles_looser_spelling_passes(string body)
    {
        Provider.Answer = (http, _) => Answers.Json(http, """{"candidates":[],"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":5}}""");
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/gemini/models/gemini-2.5-flash:generateContent", body));

        Assert.True(response.IsSuccessStatusCode);
    }

    [Theory]
    [InlineData("chat/completions")]
    [InlineData("responses")]
    public async Task Stored_settings_of_OpenRouter_are_refused(string api)
    {
        using var response = await Gateway.Http.SendAsync(
            Gateway.Post($"/openrouter/v1/{api}", """{"model":"openai/gpt-4o-mini","preset":"dear","messages":[]}"""));

        Assert.Equal("unsupported_field", await response.CodeAsync());
        Assert.Empty(Provider.Seen);
    }

    [Fact]
    public async Task Letters_beyond_ASCII_in_headers_pass_both_ways()
    {
        var answer = await SendAsync(Post("Content-Type: application/json\r\nX-Title: Café 日本\r\n"));

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.Equal("Café 日本", Assert.Single(Provider.Seen).Headers["X-Title"]);
    }

    [Theory]
    [InlineData("POST", "/usage")]
    [InlineData("DELETE", "/token")]
    [InlineData("GET", "/similarity")]
    public async Task Wrong_method_is_told_from_an_unknown_provider(string method, string path)
    {
        using var response = await Gateway.Http.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));

        Assert.Equal(405, (int)response.StatusCode);
        Assert.Equal("method_not_allowed", await response.CodeAsync());
    }

    [Fact]
    public async Task Preflight_that_asks_for_odd_headers_is_answered()
    {
        var answer = await SendAsync(
            "OPTIONS /usage HTTP/1.1\r\nHost: any\r\nAccess-Control-Request-Headers: x-café\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_is_sent_as_what_it_was_read_as_and_repeats_nobodys_call()
    {
        var answer = await SendAsync(Post("Content-Type: application/json; charset=utf-7\r\nIdempotency-Key: of-somebody\r\n"));
        var seen = Assert.Single(Provider.Seen);

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.Equal("application/json", seen.Headers["Content-Type"]);
        Assert.DoesNotContain("Idempotency-Key", seen.Headers.Keys);
    }

    [Fact]
    public async Task Providers_page_does_not_run_as_one_of_ours()
    {
        Provider.Answer = async (http, _) =>
        {
            http.Response.ContentType = "text/html";
            await http.Response.Body.WriteAsync("<script>alert(1)</script>"u8.ToArray());
        };
        var answer = await SendAsync("GET /gemini/files/x:download?key=AIza-own HTTP/1.1\r\nHost: any\r\nConnection: close\r\n\r\n");

        Assert.Contains("Content-Security-Policy: sandbox", answer, StringComparison.Ordinal);
        Assert.Contains("X-Content-Type-Options: nosniff", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Similarity_of_40_MB_is_413()
    {
        using var request = Gateway.Post("/similarity", "");
        var body = new byte[40 << 20];
        body.AsSpan().Fill((byte)'x');
        "[\""u8.CopyTo(body);
        request.Content = new ByteArrayContent(body);
        request.Content.Headers.ContentType = new("application/json");
        using var response = await Gateway.Http.SendAsync(request);

        Assert.Equal("body_too_large", await response.CodeAsync());
    }

    [Theory]
    [InlineData("""[{"role":"assistant","audio":{"id":"audio_1"}}]""", 429)]
    [InlineData("""[{"role":"user","content":[{"type":"file","file":{"file_id":"file-1"}}]}]""", 403)]
    [InlineData("""[{"role":"assistant","content":"hi","audio":null,"file":null}]""", 200)]
    public async Task Input_that_the_provider_keeps_is_held_for_and_what_is_null_is_not(string messages, int status)
    {
        // A file could be another person's. Of a cent, a short text takes next to nothing, and a whole context of gpt-4o-audio-preview more
        // than there is.
        using var response = await Gateway.Http.SendAsync(
            Gateway.Post("/openai/v1/chat/completions", $$"""{"model":"gpt-4o-audio-preview","max_tokens":16,"messages":{{messages}}}"""));

        Assert.Equal(status, (int)response.StatusCode);
    }

    private string Post(string headers, string body = Hi) => string.Create(CultureInfo.InvariantCulture,
        $"POST /openai/v1/chat/completions HTTP/1.1\r\nHost: any\r\nAuthorization: Bearer {Gateway.Token()}\r\nConnection: "
            + $"close\r\n{headers}Content-Length: {body.Length}\r\n\r\n{body}");

    /// <summary>The whole answer to a request that asks for the connection's end.</summary>
    private async Task<string> SendAsync(string request)
    {
        var address = new Uri(Gateway.Address);
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(request));
        using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
        return await reader.ReadToEndAsync();
    }
}
