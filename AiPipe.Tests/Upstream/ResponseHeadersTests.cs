using AiPipe.Proxy.Upstream;
using Microsoft.AspNetCore.Http;

namespace AiPipe.Tests.Upstream;

public sealed class ResponseHeadersTests
{
    [Theory]
    [InlineData("Set-Cookie")]
    [InlineData("set-cookie2")]
    [InlineData("Strict-Transport-Security")]
    [InlineData("alt-svc")]
    [InlineData("Server")]
    [InlineData("Via")]
    [InlineData("Report-To")]
    [InlineData("nel")]
    [InlineData("openai-organization")]
    [InlineData("OpenAI-Project")]
    [InlineData("Access-Control-Allow-Origin")]
    [InlineData("access-control-expose-headers")]
    [InlineData("x-ratelimit-remaining-tokens")]
    [InlineData("X-RateLimit-Reset")]
    [InlineData("CF-Ray")]
    [InlineData("cf-cache-status")]
    public void These_stay_behind(string name) => Assert.DoesNotContain(name, Cleaned(name).Keys, StringComparer.OrdinalIgnoreCase);

    [Theory]
    [InlineData("Content-Type")]
    [InlineData("Content-Disposition")]
    [InlineData("Cache-Control")]
    [InlineData("Retry-After")]
    [InlineData("x-request-id")]
    [InlineData("openai-processing-ms")]
    [InlineData("openai-version")]
    [InlineData("Date")]
    [InlineData("X-CF-Like")]
    public void These_reach_the_caller(string name) => Assert.Equal("theirs", Cleaned(name)[name]);

    [Fact]
    public void A_page_of_theirs_is_locked_up_whatever_they_say()
    {
        var headers = Cleaned("content-security-policy", "x-content-type-options");
        Assert.Equal("sandbox", headers["Content-Security-Policy"]);
        Assert.Equal("nosniff", headers["X-Content-Type-Options"]);
    }

    private static HeaderDictionary Cleaned(params string[] names)
    {
        var headers = new HeaderDictionary();
        foreach (var name in names) headers[name] = "theirs";
        ResponseHeaders.Clean(headers);
        return headers;
    }
}
