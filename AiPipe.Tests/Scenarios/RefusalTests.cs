using System.Net;
using System.Net.Http.Headers;
using System.Text;
using AiPipe.Proxy.Callers;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Scenarios;

/// <summary>Every way of saying no: the documented status and code, nothing sent to the provider, nothing lost, no secret told.</summary>
public sealed class RefusalTests(PostgresFixture postgres, SharedGateway shared) : GatewayTest(postgres, shared),
    IClassFixture<SharedGateway>
{
    private const string Chat = "/openai/v1/chat/completions";
    private const string Hi = """{"model":"gpt-4o-mini","messages":[{"role":"user","content":"my private words"}]}""";

    protected override void Configure(Dictionary<string, string?> settings)
    {
        settings["AiPipe:Salts:salty@example.com"] = "the-new-salt";
        settings["AiPipe:Providers:keyless:BaseUrl"] = "http://127.0.0.1:9";
        settings["AiPipe:Providers:gone:BaseUrl"] = "http://127.0.0.1:9";
        settings["AiPipe:Providers:gone:Keys:0"] = "sk-gone";
        settings["AiPipe:Prices:gone:m:Input"] = "1";
        settings["AiPipe:Prices:gone:m:Output"] = "1";
    }

    [Theory]
    [InlineData(Chat, "{\"model\":\"no-such-model\",\"messages\":[]}", 400, "model_price_unknown", "Model no-such-model pricing unknown")]
    [InlineData(Chat, "{\"model\":\"gpt-4o-mini\",\"messages\":[", 400, "bad_json", null)]
    [InlineData(Chat, "{\"model\":\"gpt-4o-mini\"} trailing", 400, "bad_json", null)]
    [InlineData(Chat, "", 400, "bad_json", null)]
    [InlineData(Chat, "[1]", 400, "invalid_request", null)]
    [InlineData(Chat, "{\"messages\":[]}", 400, "model_missing", null)]
    [InlineData(Chat, "{\"model\":7}", 400, "invalid_request", null)]
    [InlineData(Chat, "{\"model\":\"gpt-4o-mini\",\"max_tokens\":-1}", 400, "invalid_request", null)]
    [InlineData(Chat, "{\"model\":\"gpt-4o-mini\",\"max_tokens\":1.5}", 400, "invalid_request", null)]
    [InlineData(Chat, "{\"model\":\"gpt-4o-mini\",\"n\":1000000}", 400, "invalid_request", null)]
    [InlineData(Chat, "{\"model\":\"gpt-4o-mini\",\"max_tokens\":1,\"max_tokens\":100000}", 400, "duplicate_field", null)]
    [InlineData(Chat, "{\"model\":\"gpt-4o-mini\",\"mod\\u0065l\":\"gpt-4\"}", 400, "duplicate_field", null)]
    [InlineData(Chat, "{\"model\":\"gpt-4o-mini\",\"tools\":[{\"type\":\"file_search\"}]}", 400, "unsupported_field", null)]
    [InlineData(Chat, "{\"model\":\"gpt-4o-mini\",\"MAX_TOKENS\":100000}", 400, "unsupported_field", null)]
    [InlineData("/gemini/models/gemini-2.0-flash:generateContent", "{\"contents\":[],\"generationConfig\":{\"MaxOutputTokens\":100000}}",
        400, null, null)]
    [InlineData("/openai/v1/responses", "{\"model\":\"gpt-4o-mini\",\"input\":\"x\",\"background\":true}", 400, "unsupported_field", null)]
    [InlineData("/openai/v1/files", "{}", 403, "endpoint_not_metered", null)]
    [InlineData("/openai/v1/chat/completions/../files", "{}", 403, "endpoint_not_metered", null)]
    [InlineData("/openai/v1/batches", "{}", 403, "endpoint_not_metered", null)]
    [InlineData("/openai", "{}", 403, "endpoint_not_metered", null)]
    [InlineData("/nobody/v1/chat/completions", "{}", 404, "unknown_provider", "Unknown provider: nobody")]
    [InlineData("/nobody", "{}", 404, "unknown_provider", "Unknown provider: nobody")]
    [InlineData("/keyless/v1/chat/completions", """{"model":"m","messages":[]}""", 503, "provider_not_configured", null)]
    [InlineData("/gone/v1/chat/completions", "{\"model\":\"m\",\"messages\":[]}", 502, "upstream_unreachable", null)]
    public async Task Bad_request_gets_its_documented_error(string path, string body, int status, string? code, string? message)
    {
        using var response = await Gateway.Http.SendAsync(Gateway.Post(path, body));

        Assert.Equal(status, (int)response.StatusCode);
        if (code is not null) Assert.Equal(code, await response.CodeAsync());
        if (message is not null) Assert.Equal(message, (await response.JsonAsync()).GetProperty("message").GetString());
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.Empty(Provider.Seen);
        Assert.Equal(0m, await Gateway.SpentAsync());
        Assert.Equal(0m, (await Gateway.GetJsonAsync("/usage")).GetProperty("held").GetDecimal());
    }

    [Theory]
    [InlineData("", "token_missing")]
    [InlineData("Bearer ", "token_missing")]
    [InlineData("Bearer nonsense", "token_invalid")]
    [InlineData("Bearer a.b.c", "token_invalid")]
    [InlineData("Bearer sk-cfw0123456789", "token_invalid")]
    [InlineData("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "token_invalid")]
    // {"alg":"none"}.{"email":"ann@example.com"}. — without a signature.
    [InlineData("Bearer eyJhbGciOiJub25lIn0.eyJlbWFpbCI6ImFubkBleGFtcGxlLmNvbSJ9.", "token_invalid")]
    public async Task Caller_who_cannot_be_told_is_401(string authorization, string code)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Post, Chat)
        { Content = new StringContent(Hi, new MediaTypeHeaderValue("application/json")) };
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        using var response = await Gateway.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal(code, await response.CodeAsync());
        Assert.Empty(Provider.Seen);
    }

    [Theory]
    [InlineData("""{"email":"salty@example.com"}""", "token_revoked")]
    [InlineData("""{"email":"salty@example.com","salt":"the-old-salt"}""", "token_revoked")]
    [InlineData("""{"email":"ann@example.com","exp":1000000000}""", "token_expired")]
    [InlineData("""{"email":"ann@example.com","nbf":99999999999}""", "token_invalid")]
    [InlineData("""{"email":""}""", "token_invalid")]
    [InlineData("""{"email":"  "}""", "token_invalid")]
    [InlineData("""{"email":"ann\u0085@example.com"}""", "token_invalid")]
    [InlineData("""{"sub":"ann"}""", "token_invalid")]
    [InlineData("""[]""", "token_invalid")]
    public async Task Signed_token_that_does_not_hold_is_401(string payload, string code)
    {
        var token = Jwt.Sign(Encoding.UTF8.GetBytes(payload), Encoding.UTF8.GetBytes(Gateway.Secret));
        using var response = await Gateway.Http.SendAsync(Gateway.Post(Chat, Hi, token));

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal(code, await response.CodeAsync());
    }

    [Fact]
    public async Task Revoked_token_is_said_to_be_no_longer_valid()
    {
        var token = Jwt.Sign("""{"email":"salty@example.com"}"""u8, Encoding.UTF8.GetBytes(Gateway.Secret));
        using var response = await Gateway.Http.SendAsync(Gateway.Post(Chat, Hi, token));

        Assert.Contains("no longer valid", (await response.JsonAsync()).GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task Body_that_is_not_called_JSON_gets_the_words_of_the_original(string type)
    {
        using var request = Gateway.Post(Chat, Hi);
        request.Content!.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        using var response = await Gateway.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.StartsWith("Pass a JSON body", (await response.JsonAsync()).GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Body_of_50_MB_is_413_whether_announced_or_not(bool announced)
    {
        using var request = Gateway.Post(Chat, "");
        request.Content = new StreamContent(new MemoryStream(new byte[50 << 20]));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.ExpectContinue = true;
        if (!announced) request.Headers.TransferEncodingChunked = true;
        using var response = await Gateway.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal("body_too_large", await response.CodeAsync());
    }

    [Fact]
    public async Task Gemini_paths_answer_in_geminis_shape()
    {
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/gemini/models/no-such-model:generateContent", """{"contents":[]}"""));
        var error = (await response.JsonAsync()).GetProperty("error");

        Assert.Equal(400, error.GetProperty("code").GetInt32());
        Assert.Equal("INVALID_ARGUMENT", error.GetProperty("status").GetString());
        Assert.Equal("model_price_unknown", error.GetProperty("details")[0].GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Silent_provider_is_504_and_the_reservation_is_charged()
    {
        await using var impatient =
            await Gateway.StartAsync(Database, settings =>
            {
                settings["AiPipe:Forwarding:ActivityTimeout"] = "00:00:05";
                // It is not waited for any longer without its caller.
                settings["AiPipe:Forwarding:MaxDetached"] = "0";
            });
        impatient.User = Gateway.User;
        // Once as it should be: the first call of all takes longest to get there.
        using (var first = await impatient.Http.SendAsync(impatient.Post(Chat, Hi))) Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        var spent = await impatient.SpentAsync();
        impatient.Provider.Answer = (http, _) => Task.Delay(Timeout.Infinite, http.RequestAborted);
        using var response = await impatient.Http.SendAsync(impatient.Post(Chat, Hi));

        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        Assert.Equal("upstream_timeout", await response.CodeAsync());
        var reserved = await impatient.SpentAsync() - spent;
        Assert.True(reserved > spent, $"{reserved} for a call that cost {spent} when it was answered");
        await impatient.FlushAsync();
        Assert.Equal([200, 504], (await LedgerRowsAsync()).Select(row => row.Status));
    }

    [Fact]
    public async Task Providers_own_error_passes_with_its_status_and_body_and_costs_nothing()
    {
        const string Body = """{"error":{"message":"context too long","type":"invalid_request_error","code":"context_length_exceeded"}}""";
        Provider.Answer = (http, _) => Answers.Json(http, Body, 400);
        using var response = await Gateway.Http.SendAsync(Gateway.Post(Chat, Hi));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(Body, await response.Content.ReadAsStringAsync());
        Assert.Equal(0m, await Gateway.SpentAsync());
    }

    [Fact]
    public async Task No_secret_is_in_any_log()
    {
        // Its own gateway: the provider rejects the key, which the next calls would not use for a while.
        await using var gateway = await Gateway.StartAsync(Database);
        var token = gateway.Token();
        gateway.Provider.Answer = (http, seen) => seen.Text.Contains("boom", StringComparison.Ordinal)
            ? Answers.Json(http, """{"error":{"message":"Incorrect API key provided: sk-provider-key-of-ours"}}""", 401)
            : Answers.Json(http, Answers.Chat(1, 1));
        await gateway.Http.SendAsync(gateway.Post(Chat, Hi, token));
        await gateway.Http.SendAsync(gateway.Post(Chat, Hi + "broken", token));
        await gateway.Http.SendAsync(gateway.Post(Chat + "?key=" + token, Hi, token + "x"));
        await gateway.Http.SendAsync(gateway.Post("/openai/v1/models?api_key=sk-own-key-1", "", "sk-own-key-2"));
        using var rejected = await gateway.Http.SendAsync(
            gateway.Post(Chat, Hi.Replace("private", "boom", StringComparison.Ordinal), token));

        Assert.Equal("provider_key_rejected", await rejected.CodeAsync());
        var logs = string.Join('\n', gateway.Logs.Lines);
        Assert.NotEmpty(logs);
        foreach (var secret in new[
            ] { token.Split('.')[2], Gateway.ProviderKey, Gateway.Secret, "sk-own-key-2", "my private words", "my boom words" })
            Assert.DoesNotContain(secret, logs, StringComparison.Ordinal);
    }
}
