using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Portal;

public sealed class IndexPageTests(PortalHost portal) : IClassFixture<PortalHost>
{
    private static readonly string[] PagesAssets = ["portal.css", "portal.js", "icon.svg"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Page_names_the_addresses_of_the_host_that_was_asked_and_no_other()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { Host = "ai.example.com:8443" } };
        using var answer = await portal.Http.SendAsync(request, Cancellation);
        var page = await answer.Content.ReadAsStringAsync(Cancellation);
        foreach (var path in new[] { "/openai/v1", "/openrouter/v1", "/gemini", "/demo/v1", "/usage", "/aipipe.js" })
        {
            Assert.Contains($"http://ai.example.com:8443{path}", page, StringComparison.Ordinal);
        }
        var hosts = Regex.Matches(page, "https?://(?<host>[^/\"'`<]+)", RegexOptions.ExplicitCapture, Eventually.Limit)
            .Select(m => m.Groups["host"].Value);
        Assert.Equal(["ai.example.com:8443"], hosts.Distinct());
    }

    [Fact]
    public async Task Page_allows_nothing_inline_nothing_foreign_and_no_frame()
    {
        using var answer = await portal.Http.GetAsync("/", Cancellation);
        var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        var page = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.DoesNotMatch(@"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page);
    }

    [Fact]
    public async Task Hostile_host_name_stays_text()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.TryAddWithoutValidation("Host", "a'b&c");
        using var answer = await portal.Http.SendAsync(request, Cancellation);
        var page = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.DoesNotContain("a'b&c", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_and_its_assets_weigh_less_than_100_KB()
    {
        var sizes = await Task.WhenAll(PagesAssets.Prepend("").Select(path => portal.Http.GetByteArrayAsync("/" + path, Cancellation)));
        Assert.InRange(sizes.Sum(bytes => bytes.Length), 1, 100_000);
    }

    [Fact]
    public async Task Module_is_served_to_any_origin_and_answers_304_to_those_who_have_it()
    {
        using var first = await portal.Http.GetAsync("/aipipe.js", Cancellation);
        Assert.Equal("text/javascript", first.Content.Headers.ContentType!.MediaType);
        Assert.Equal("*", Assert.Single(first.Headers.GetValues("Access-Control-Allow-Origin")));

        using var again = new HttpRequestMessage(HttpMethod.Get, "/aipipe.js");
        again.Headers.IfNoneMatch.Add(new EntityTagHeaderValue(first.Headers.ETag!.Tag));
        using var unchanged = await portal.Http.SendAsync(again, Cancellation);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
    }
}
