using System.Net;
using AiPipe.Tests.Fixtures;

namespace AiPipe.Tests.Infrastructure;

/// <summary>The Portal in a process of its own, behind the gateway as in a cluster.</summary>
public sealed class PortalForwardingTests(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly Microsoft.AspNetCore.Builder.WebApplication _portal =
        AiPipe.Portal.Program.Build(["--urls", "http://127.0.0.1:0", "--Portal:Gateway", "http://127.0.0.1:9"]);
    private Gateway _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        await _portal.StartAsync();
        _gateway = await Gateway.StartAsync(
            await postgres.NewDatabaseAsync(), settings => settings["Portal:Address"] = _portal.Urls.Single());
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _portal.DisposeAsync();
    }

    [Theory]
    [InlineData("/", "First call")]
    [InlineData("/aipipe.js", "getProfile")]
    [InlineData("/portal.css", "--accent")]
    public async Task Pages_and_files_come_through_the_gateway_and_name_its_address(string path, string part)
    {
        var text = await _gateway.Http.GetStringAsync(path);
        Assert.Contains(part, text, StringComparison.OrdinalIgnoreCase);
        if (path == "/") Assert.Contains(_gateway.Address + "/openai/v1", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_the_apis_stays_the_apis()
    {
        using var usage = await _gateway.Http.GetAsync("/usage");
        Assert.Equal(HttpStatusCode.Unauthorized, usage.StatusCode);
        Assert.Null(await Accounts.Apps.AppClient.CallAsync(_gateway, _gateway.Token()));
        using var check = await _gateway.Http.GetAsync("/login/check");
        Assert.Equal("application/json", check.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task Page_whose_gateway_is_away_says_so()
    {
        using var answer = await _gateway.Http.GetAsync("/login");
        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.Contains("The gateway does not respond", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
