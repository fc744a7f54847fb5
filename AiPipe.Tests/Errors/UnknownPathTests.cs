using System.Net;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Errors;

public sealed class UnknownPathTests(PostgresFixture postgres, SharedGateway shared)
    : GatewayTest(postgres, shared), IClassFixture<SharedGateway>
{
    private const string Browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

    protected override void Configure(Dictionary<string, string?> settings) => settings["AiPipe:Telemetry:Metrics"] = "off";

    [Theory]
    [InlineData("/metrics", "not_found", "There is nothing at /metrics.")]
    [InlineData("/metrics/x", "not_found", "There is nothing at /metrics/x.")]
    [InlineData("/docs/nothing", "not_found", "There is nothing at /docs/nothing.")]
    [InlineData("/sitemap.xml", "not_found", "There is nothing at /sitemap.xml.")]
    [InlineData("/.well-known/openid-configuration", "not_found", "There is nothing at /.well-known/openid-configuration.")]
    [InlineData("/opnai/v1/models", "unknown_provider", "Unknown provider: opnai")]
    public async Task Programs_get_JSON_that_fits(string path, string code, string message)
    {
        foreach (var accept in (string?[])[null, "*/*", "application/json"])
        {
            using var response = await GetAsync(path, accept);
            Assert.Equal((HttpStatusCode.NotFound, code), (response.StatusCode, await response.CodeAsync()));
            Assert.Equal(message, (await response.JsonAsync()).GetProperty("message").GetString());
        }
    }

    [Theory]
    [InlineData("/metrics")]
    [InlineData("/acount")]
    [InlineData("/docs/nothing")]
    [InlineData("/<script>alert(1)</script>")]
    public async Task Browsers_get_a_page(string path)
    {
        using var response = await GetAsync(path, Browser);
        var page = await response.Content.ReadAsStringAsync();

        Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("<h1>Page not found</h1>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/robots.txt", HttpStatusCode.OK, "text/plain", null)]
    [InlineData("/favicon.ico", HttpStatusCode.Redirect, null, "/icon.svg")]
    [InlineData("/.well-known/change-password", HttpStatusCode.Redirect, null, "/account")]
    public async Task Files_of_every_site_are_answered(string path, HttpStatusCode status, string? type, string? location)
    {
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using var response = await client.GetAsync(new Uri(Gateway.Address + path), TestContext.Current.CancellationToken);

        Assert.Equal((status, type, location),
            (response.StatusCode, response.Content.Headers.ContentType?.MediaType, response.Headers.Location?.OriginalString));
    }

    private async Task<HttpResponseMessage> GetAsync(string path, string? accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accept is not null) request.Headers.TryAddWithoutValidation("Accept", accept);
        return await Gateway.Http.SendAsync(request);
    }
}
