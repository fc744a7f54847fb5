using System.Net;
using System.Text;
using AiPipe.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace AiPipe.Tests.Compatibility.OriginalAiPipe.Fetch;

/// <summary>What goes to a site and what comes back.</summary>
public sealed class FetchTests : FetchTest
{
    [Fact]
    public async Task Answer_comes_back_with_its_url_and_can_never_run_as_a_page_of_ours()
    {
        Answer = static http =>
        {
            var headers = http.Response.Headers;
            http.Response.StatusCode = 404;
            headers.ContentType = "text/html";
            headers.SetCookie = "sess=evil";
            headers.ContentSecurityPolicy = "script-src *";
            headers.StrictTransportSecurity = "max-age=1";
            headers["Clear-Site-Data"] = "*";
            headers.AccessControlAllowOrigin = "https://other.example";
            headers.WWWAuthenticate = "Basic";
            headers["X-Kept"] = "yes";
            return http.Response.WriteAsync("<script>");
        };
        using var response = await FetchAsync($"{Site.Address}/a%20b?c=d%2F&e");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("<script>", await response.Content.ReadAsStringAsync());
        var headers = response.Headers.ToDictionary(
            header => header.Key, header => string.Join(',', header.Value), StringComparer.OrdinalIgnoreCase);
        Assert.Equal($"{Site.Address}/a%20b?c=d%2F&e", headers["X-Proxy-URL"]);
        Assert.Equal(("sandbox", "nosniff", "yes"),
            (headers["Content-Security-Policy"], headers["X-Content-Type-Options"], headers["X-Kept"]));
        foreach (var dropped in new[
            ] { "Set-Cookie", "Strict-Transport-Security", "Clear-Site-Data", "Access-Control-Allow-Origin", "WWW-Authenticate" })
            Assert.DoesNotContain(dropped, headers.Keys);
    }

    [Fact]
    public async Task Site_sees_the_request_but_not_who_sent_it()
    {
        IHeaderDictionary? seen = null;
        var (method, target, body) = ("", "", "");
        Answer = async http =>
        {
            seen = new HeaderDictionary(http.Request.Headers.ToDictionary(StringComparer.OrdinalIgnoreCase));
            (method, target) = (http.Request.Method, http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
            using var reader = new StreamReader(http.Request.Body);
            body = await reader.ReadToEndAsync();
        };
        using var request = new HttpRequestMessage(HttpMethod.Patch, $"{Gateway.Address}/proxy/{Site.Address}/x?q=1&q=2")
        {
            Content = new StringContent("some text", Encoding.UTF8, "text/x-mine"),
        };
        foreach (var name in new[
            ] { "x-api-key", "x-goog-api-key", "Cookie", "Origin", "Referer", "Accept-Encoding", "Forwarded", "X-Forwarded-For", "Via",
                     "X-Real-IP", "Proxy-Authorization", "X-Named", "traceparent", "Sec-Fetch-Mode" })
            request.Headers.TryAddWithoutValidation(name, "http://secret.example");
        request.Headers.TryAddWithoutValidation("Authorization", Gateway.Token);
        request.Headers.TryAddWithoutValidation("Connection", "X-Named");
        request.Headers.TryAddWithoutValidation("X-Mine", "yes");
        using var response = await Gateway.Http.SendAsync(request);

        Assert.Equal(("PATCH", "/x?q=1&q=2", "some text"), (method, target, body));
        Assert.Equal(["Content-Length", "Content-Type", "Host", "X-Mine"], seen!.Keys.Order(StringComparer.Ordinal));
        Assert.Equal((Site.Place, "yes"), (seen.Host.ToString(), seen["X-Mine"].ToString()));
        Assert.StartsWith("text/x-mine", seen.ContentType.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_streams()
    {
        var goOn = new TaskCompletionSource();
        Answer = async http =>
        {
            await http.Response.WriteAsync("first");
            await http.Response.Body.FlushAsync();
            await goOn.Task;
            await http.Response.WriteAsync("second");
        };
        using var response = await FetchAsync(Site.Address).WaitAsync(Eventually.Limit);
        await using var stream = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[100];
        Assert.Equal("first", Encoding.ASCII.GetString(buffer, 0, await stream.ReadAsync(buffer).AsTask().WaitAsync(Eventually.Limit)));
        goOn.SetResult();
        Assert.Equal("second", Encoding.ASCII.GetString(buffer, 0, await stream.ReadAsync(buffer).AsTask().WaitAsync(Eventually.Limit)));
    }

    [Fact]
    public async Task Caller_who_leaves_ends_the_fetch()
    {
        var (asked, ended) = (new TaskCompletionSource(), new TaskCompletionSource());
        Answer = async http =>
        {
            http.RequestAborted.Register(() => ended.TrySetResult());
            asked.SetResult();
            await ended.Task;
        };
        using var leaving = new CancellationTokenSource();
        var fetch = FetchAsync(Gateway, Site.Address, cancellationToken: leaving.Token);
        await asked.Task.WaitAsync(Eventually.Limit);
        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetch);
        await ended.Task.WaitAsync(Eventually.Limit);
    }

    [Fact]
    public async Task Url_whose_slashes_were_collapsed_is_mended()
    {
        using var response = await FetchAsync($"http:/{Site.Place}/");
        Assert.Equal("hello", await response.Content.ReadAsStringAsync());
        Assert.Equal($"http://{Site.Place}/", response.Headers.GetValues("X-Proxy-URL").Single());
    }

    [Theory]
    [InlineData("ftp://example.com/")]
    [InlineData("example.com")]
    [InlineData("")]
    [InlineData("https:example.com")]
    [InlineData("httpx://example.com")]
    [InlineData("file:///etc/passwd")]
    public async Task Url_that_is_not_http_is_refused(string url)
    {
        using var response = await FetchAsync(url);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("URL must begin with http", (await response.JsonAsync()).GetProperty("message").GetString());
    }

    [Theory]
    [InlineData("http://user:password@example.com/")]
    [InlineData("http://user@example.com/")]
    [InlineData("http:///")]
    [InlineData("http://exa mple.com:99999/")]
    public async Task Url_with_a_user_or_without_a_host_is_refused(string url)
    {
        using var response = await FetchAsync(url);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (response.StatusCode, await response.CodeAsync()));
    }

    [Fact]
    public async Task Site_that_cannot_be_reached_is_a_bad_gateway()
    {
        await Site.DisposeAsync();
        foreach (var url in new[] { Site.Address, "http://nowhere.invalid/" })
        {
            using var response = await FetchAsync(url);
            Assert.Equal((HttpStatusCode.BadGateway, "fetch_failed"), (response.StatusCode, await response.CodeAsync()));
        }
    }
}
