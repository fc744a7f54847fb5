using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Upstream;
using AiPipe.Tests.Apis.RequestBody;

namespace AiPipe.Tests.Upstream;

public sealed class RequestHeadersTests
{
    [Theory]
    [InlineData("Accept", "text/event-stream")]
    [InlineData("accept-language", "de, en;q=0.5")]
    [InlineData("USER-AGENT", "not a well-formed (agent")]
    [InlineData("OpenAI-Beta", "assistants=v2")]
    [InlineData("HTTP-Referer", "https://app.example")]
    [InlineData("X-Title", "Café 日本")]
    public void These_reach_the_provider(string name, string value)
    {
        foreach (var ownKey in (string?[])[null, Calls.OwnKey]) Assert.Equal(value, Sent(name, value, ownKey));
    }

    [Theory]
    [InlineData("OpenAI-Organization")]
    [InlineData("openai-project")]
    [InlineData("X-Goog-User-Project")]
    [InlineData("Idempotency-Key")]
    public void These_reach_it_with_the_callers_own_key_only(string name)
    {
        Assert.Equal("x", Sent(name, "x", Calls.OwnKey));
        Assert.Null(Sent(name, "x", ownKey: null));
    }

    [Theory]
    [InlineData("Cookie")]
    [InlineData("x-api-key")]
    [InlineData("x-goog-api-key")]
    [InlineData("api-key")]
    [InlineData("Proxy-Authorization")]
    [InlineData("Accept-Encoding")]
    [InlineData("Connection")]
    [InlineData("Keep-Alive")]
    [InlineData("TE")]
    [InlineData("Transfer-Encoding")]
    [InlineData("Trailer")]
    [InlineData("Upgrade")]
    [InlineData("Expect")]
    [InlineData("Host")]
    [InlineData("Origin")]
    [InlineData("Referer")]
    [InlineData("Forwarded")]
    [InlineData("X-Forwarded-For")]
    [InlineData("X-Real-IP")]
    [InlineData("X-Host-Final")]
    [InlineData("X-HTTP-Method-Override")]
    [InlineData("X-Goog-FieldMask")]
    [InlineData("X-Anything")]
    [InlineData("traceparent")]
    [InlineData("Content-Location")]
    public void These_do_not(string name)
    {
        foreach (var ownKey in (string?[])[null, Calls.OwnKey]) Assert.Null(Sent(name, "x", ownKey));
    }

    [Fact]
    public void Content_encoding_passes_only_with_a_body_that_is_not_parsed()
    {
        Assert.Null(Sent("Content-Encoding", "gzip", ownKey: null, metered: true));
        Assert.Equal("gzip", Sent("Content-Encoding", "gzip", Calls.OwnKey));
    }

    [Theory]
    [InlineData("OpenAi", null, "k", "Authorization: Bearer k")]
    [InlineData("OpenAi", "sk-own", "sk-own", "Authorization: Bearer sk-own")]
    [InlineData("OpenAi", "AIza-own", "AIza-own", "Authorization: Bearer AIza-own")]
    [InlineData("Gemini", null, "k", "x-goog-api-key: k")]
    [InlineData("Gemini", "AIza-own", "AIza-own", "x-goog-api-key: AIza-own")]
    [InlineData("Gemini", "sk-own", "sk-own", "Authorization: Bearer sk-own")]
    public void The_key_stands_in_one_place_and_the_callers_token_nowhere(string dialect, string? ownKey, string key, string header)
    {
        var call = Calls.To(Dialect.Find(dialect)!, ownKey: ownKey);
        foreach (var name in (string[])["Authorization", "x-goog-api-key", "x-api-key"]) call.Http.Request.Headers[name] =
            "Bearer the-token";
        using var request = new HttpRequestMessage();
        RequestHeaders.Set(request, call, key);

        Assert.Equal(header, string.Join('|', request.Headers.Select(sent => $"{sent.Key}: {string.Join(',', sent.Value)}")));
    }

    [Theory]
    [InlineData(true, "application/json; charset=utf-7", "application/json")]
    [InlineData(true, "application/vnd.x+json", "application/json")]
    [InlineData(false, "multipart/form-data; boundary=\"a b\"", "multipart/form-data; boundary=\"a b\"")]
    [InlineData(false, "audio/x-raw;;rate", "audio/x-raw;;rate")]
    [InlineData(false, null, null)]
    public void A_metered_body_is_sent_as_the_JSON_it_was_read_as(bool metered, string? came, string? sent)
    {
        var call = Calls.To(ownKey: metered ? null : Calls.OwnKey, metered: metered);
        call.Http.Request.ContentType = came;
        call.Http.Request.ContentLength = 3;
        using var request = new HttpRequestMessage();
        request.Content = new ByteArrayContent([1, 2, 3]);
        RequestHeaders.Set(request, call, "k");

        Assert.Equal(sent, request.Content.Headers.NonValidated.TryGetValues("Content-Type", out var types) ? types.ToString() : null);
        Assert.Equal(3, request.Content.Headers.ContentLength);
    }

    private static string? Sent(string name, string value, string? ownKey, bool metered = false)
    {
        var call = Calls.To(ownKey: ownKey, metered: metered);
        call.Http.Request.Headers[name] = value;
        using var request = new HttpRequestMessage();
        request.Content = new ByteArrayContent([]);
        RequestHeaders.Set(request, call, "k");
        return request.Headers.NonValidated.Concat(request.Content.Headers.NonValidated)
            .FirstOrDefault(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)) is { Key: not null } sent
                ? sent.Value.ToString() : null;
    }
}
