using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AiPipe.Tests.Portal;

/// <summary>An admin's hosts, with scripts turned off: what the page says, and where <c>X-Host-Final</c> leads.</summary>
public sealed class HostPagesTests(PostgresFixture postgres, Browser browser) : PortalTest(postgres, browser)
{
    private const string Host = "api.groq.com";
    private const string Key = "gsk_0123456789abcdef";

    // Where that host is for this test.
    protected override void Configure(Dictionary<string, string?> settings) =>
        settings["AiPipe:Providers:groq:BaseUrl"] = settings["AiPipe:Providers:openai:BaseUrl"] + "/openai";

    [Fact]
    public async Task Host_is_added_called_and_removed_and_its_key_is_never_shown()
    {
        Assert.Equal("host_not_allowed", await CallAsync());
        var page = await OpenHostsAsync();
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Host" }).FillAsync(" Api.Groq.Com ");
        await page.GetByLabel("Key", new() { Exact = true }).FillAsync(Key);
        await page.GetByRole(AriaRole.Button, new() { Name = "Add the host" }).ClickAsync();
        await page.GetByText("Calls may name this host from now on").WaitForAsync();
        Assert.Null(await CallAsync());
        Assert.Equal($"Bearer {Key}", Gateway.Provider.Seen.Single().Headers["Authorization"]);
        await Expect(page.GetByRole(AriaRole.Row, new() { Name = Host })).ToContainTextAsync("gsk…cdef");
        Assert.DoesNotContain(Key, await page.ContentAsync(), StringComparison.Ordinal);

        await page.GetByRole(AriaRole.Button, new() { Name = $"Remove {Host}" }).ClickAsync();
        await page.GetByText($"{Host} is removed").WaitForAsync();
        Assert.Equal("host_not_allowed", await CallAsync());
        Assert.Single(Gateway.Provider.Seen);
    }

    [Theory]
    [InlineData("10.0.0.1", Key, "A host is a name such as api.example.com")]
    [InlineData("api.example.com", "two words", "A key has from 1")]
    public async Task What_cannot_be_a_host_or_a_key_is_told_and_the_host_stays_typed(string host, string key, string why)
    {
        var page = await OpenHostsAsync();
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Host" }).FillAsync(host);
        await page.GetByLabel("Key", new() { Exact = true }).FillAsync(key);
        await page.GetByRole(AriaRole.Button, new() { Name = "Add the host" }).ClickAsync();
        await page.Locator(".wrong", new() { HasText = why }).WaitForAsync();
        Assert.Equal(host, await page.GetByRole(AriaRole.Textbox, new() { Name = "Host" }).InputValueAsync());
        Assert.DoesNotContain(key, await page.ContentAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await page.GetByRole(AriaRole.Row, new() { Name = host }).CountAsync());
    }

    private async Task<IPage> OpenHostsAsync()
    {
        var page = await SignInAsync(Admin, new() { JavaScriptEnabled = false });
        await page.GetByRole(AriaRole.Link, new() { Name = "Console" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Hosts" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Hosts", Level = 1 }).WaitForAsync();
        return page;
    }

    /// <summary>The code of the refusal; <c>null</c> when it passes.</summary>
    private async Task<string?> CallAsync()
    {
        using var request = Gateway.Post("/v1/chat/completions", """{"model":"llama-3.1-8b-instant","messages":[]}""");
        request.Headers.TryAddWithoutValidation("X-Host-Final", Host);
        using var response = await Gateway.Http.SendAsync(request);
        return response.IsSuccessStatusCode ? null : await response.CodeAsync();
    }
}
