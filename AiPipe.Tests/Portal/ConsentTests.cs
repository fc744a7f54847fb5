using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AiPipe.Tests.Portal;

/// <summary>The sample app on an origin of its own: asks, spends, and stops when its slice is taken back.</summary>
public sealed class ConsentTests(PostgresFixture postgres, Browser browser, SharedGateway shared)
    : PortalTest(postgres, browser, shared), IClassFixture<SharedGateway>
{
    private WebApplication? _app;

    private string App => _app!.Urls.Single().Replace("127.0.0.1", "localhost", StringComparison.Ordinal);

    [Fact]
    public async Task App_gets_a_slice_calls_with_it_and_is_shut_out_when_it_is_taken_back()
    {
        Gateway.Provider.Answer = static (http, _) => Answers.ChatStream(http, 1000, 500, "Because of <b>light</b>.");
        var page = await StartAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Allow" }).ClickAsync();
        await page.GetByText($"Signed in as {Ann}").WaitForAsync();
        await Expect(page).ToHaveURLAsync(App + "/explain.html");

        await page.GetByRole(AriaRole.Button, new() { Name = "Explain" }).ClickAsync();
        await page.GetByText("Because of <b>light</b>.").WaitForAsync();
        // The words are there before the answer has ended, and before it is paid for.
        await Eventually.TrueAsync(async () => await Gateway.SpentAsync() == 0.00045m, "the answer's cost");
        var token = await page.EvaluateAsync<string>("() => localStorage.getItem('aipipe_token')");
        Assert.NotEqual(Gateway.Token(), token);

        var keys = await page.Context.NewPageAsync();
        await keys.GotoAsync(Gateway.Address + "/account/keys");
        await keys.GetByRole(AriaRole.Button, new() { Name = $"Remove access of {App}" }).ClickAsync();
        await keys.GetByText("can no longer use your budget").WaitForAsync();
        Assert.Equal("token_revoked", await Gateway.CallAsync(token));
        await page.GetByRole(AriaRole.Button, new() { Name = "Explain" }).ClickAsync();
        await page.GetByText("You are not signed in").WaitForAsync();
        AssertNoComplaints();
    }

    [Fact]
    public async Task Person_who_says_no_comes_back_without_a_token()
    {
        var page = await StartAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Deny" }).ClickAsync();
        await page.GetByText("You did not allow this page to use your budget").WaitForAsync();
        Assert.Null(await page.EvaluateAsync<string?>("() => localStorage.getItem('aipipe_token')"));
    }

    [Fact]
    public async Task Remembered_app_is_not_asked_about_again()
    {
        var page = await StartAsync();
        await page.GetByLabel("Do not ask again").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Allow" }).ClickAsync();
        await page.GetByText($"Signed in as {Ann}").WaitForAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        // The page loads anew: its button is there before the script that it calls.
        await page.WaitForFunctionAsync("() => document.getElementById('in')?.onclick");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.GetByText($"Signed in as {Ann}").WaitForAsync();
    }

    [Fact]
    public async Task Original_pages_get_their_token_in_the_query()
    {
        var page = await StartAsync(open: false);
        await page.GotoAsync($"{Gateway.Address}/login?redirect={Uri.EscapeDataString(App + "/plain?x=1")}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Allow" }).ClickAsync();
        await page.WaitForAddressAsync(App + "/plain*");
        var query = System.Web.HttpUtility.ParseQueryString(new Uri(page.Url).Query);
        Assert.Equal(("1", Ann), (query["x"], query["aipipe_email"]));
        Assert.Null(await Gateway.CallAsync(query["aipipe_token"]!));
    }

    [Theory]
    [InlineData("javascript:alert(1)")]
    [InlineData("data:text/html,<script>alert(1)</script>")]
    [InlineData("https://good.example@evil.example/")]
    [InlineData("ftp://app.example/")]
    [InlineData("http://app.example/")]
    public async Task Hostile_addresses_get_a_reason_and_no_link(string redirect)
    {
        var page = await SignInAsync();
        await page.GotoAsync($"{Gateway.Address}/login?redirect={Uri.EscapeDataString(redirect)}");
        await page.GetByText("The redirect address cannot be used").WaitForAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Allow" })).ToHaveCountAsync(0);
        Assert.DoesNotContain(redirect, await page.ContentAsync(), StringComparison.Ordinal);
        AssertNoComplaints();
    }

    protected override bool IsExpected(string url) => _app is not null && url.StartsWith(App, StringComparison.Ordinal);

    /// <summary>A person who is signed in opens the sample app and clicks its button; unless told, they are then being asked.</summary>
    private async Task<IPage> StartAsync(bool open = true)
    {
        var sample = (await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "samples", "explain.html")))
            .Replace("http://localhost:8787/demo/v1", Gateway.Address + "/openai/v1", StringComparison.Ordinal)
            .Replace("http://localhost:8787", Gateway.Address, StringComparison.Ordinal)
            .Replace("\"demo\"", "\"gpt-4o-mini\"", StringComparison.Ordinal);
        var builder = WebApplication.CreateSlimBuilder(["--urls", "http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.MapGet("/explain.html", () => Results.Content(sample, "text/html"));
        _app.MapGet("/plain", () => Results.Content("<!DOCTYPE html><title>An older page</title>", "text/html"));
        await _app.StartAsync();

        var page = await SignInAsync();
        if (!open) return page;
        await page.GotoAsync(App + "/explain.html");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.WaitForAddressAsync("*/login/consent*");
        return page;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_app is not null) await _app.DisposeAsync();
    }
}
