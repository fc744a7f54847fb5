using System.Net;
using AiPipe.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace AiPipe.Tests.Compatibility.OriginalAiPipe.Fetch;

/// <summary>Nobody reaches this machine's or its neighbours' insides, in whatever spelling or by whatever way around.</summary>
public sealed class FetchAddressTests : FetchTest
{
    [Theory]
    [InlineData("http://127.0.0.1:{port}/")]
    [InlineData("http://localhost:{port}/")]
    [InlineData("http://[::1]:{port}/")]
    [InlineData("http://[::ffff:127.0.0.1]:{port}/")]
    [InlineData("http://2130706433:{port}/")]
    [InlineData("http://0x7f.1:{port}/")]
    [InlineData("http://0177.0.0.1:{port}/")]
    [InlineData("http://127.1:{port}/")]
    [InlineData("http://0.0.0.0:{port}/")]
    [InlineData("http://[::]:{port}/")]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("https://10.0.0.1/")]
    [InlineData("http://[fe80::1]/")]
    [InlineData("http://[64:ff9b::7f00:1]/")]
    public async Task Private_address_is_refused_in_every_spelling(string url)
    {
        var reached = false;
        await using var other = await FeatureHost.StartSiteAsync(_ =>
        {
            reached = true;
            return Task.CompletedTask;
        });
        using var response = await FetchAsync(url.Replace("{port}", $"{other.Port}", StringComparison.Ordinal));

        Assert.Equal((HttpStatusCode.Forbidden, "address_not_public"), (response.StatusCode, await response.CodeAsync()));
        Assert.False(reached);
    }

    [Fact]
    public async Task Allowed_host_is_allowed_by_its_name_and_port_only()
    {
        using var byAnotherName = await FetchAsync($"http://localhost:{Site.Port}/");
        Assert.Equal("address_not_public", await byAnotherName.CodeAsync());
        using var byItsName = await FetchAsync(Site.Address);
        Assert.Equal(HttpStatusCode.OK, byItsName.StatusCode);
    }

    [Theory]
    [InlineData("http://localhost:{port}/", "address_not_public")]
    [InlineData("//169.254.169.254/", "address_not_public")]
    [InlineData("ftp://example.com/", "invalid_request")]
    [InlineData("http://user:password@127.0.0.1:{port}/", "invalid_request")]
    [InlineData("/", "fetch_failed")]
    public async Task Redirect_to_a_place_that_may_not_be_fetched_is_refused(string location, string code)
    {
        Answer = http =>
        {
            http.Response.StatusCode = 302;
            http.Response.Headers.Location = location.Replace("{port}", $"{Site.Port}", StringComparison.Ordinal);
            return Task.CompletedTask;
        };
        using var response = await FetchAsync(Site.Address);
        Assert.Equal(code, await response.CodeAsync());
    }

    [Theory]
    [InlineData(301, "POST", "GET")]
    [InlineData(302, "POST", "GET")]
    [InlineData(303, "PUT", "GET")]
    [InlineData(307, "GET", "GET")]
    [InlineData(308, "DELETE", "DELETE")]
    public async Task Redirect_is_followed_as_a_browser_does(int status, string method, string followedBy)
    {
        var last = "";
        Answer = http =>
        {
            last = $"{http.Request.Method} {http.Request.Path}{http.Request.QueryString}";
            if (http.Request.Path != "/from") return http.Response.WriteAsync("there");
            http.Response.StatusCode = status;
            http.Response.Headers.Location = "to?a=b";
            return Task.CompletedTask;
        };
        using var content = method is "POST" or "PUT" ? new StringContent("body") : null;
        using var response = await FetchAsync(Gateway, Site.Address + "/from", new HttpMethod(method), content);

        Assert.Equal("there", await response.Content.ReadAsStringAsync());
        Assert.Equal($"{followedBy} /to?a=b", last);
        Assert.Equal(Site.Address + "/from", response.Headers.GetValues("X-Proxy-URL").Single());
    }

    [Fact]
    public async Task Redirect_that_asks_for_the_body_again_leads_the_caller_through_us()
    {
        Answer = static http =>
        {
            http.Response.StatusCode = 307;
            http.Response.Headers.Location = "/to?a=b";
            return Task.CompletedTask;
        };
        using var content = new StringContent("body");
        using var response = await FetchAsync(Gateway, Site.Address, HttpMethod.Post, content);

        Assert.Equal(HttpStatusCode.TemporaryRedirect, response.StatusCode);
        Assert.Equal($"/proxy/{Site.Address}/to?a=b", response.Headers.GetValues("Location").Single());
    }
}
