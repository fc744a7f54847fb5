using System.Net;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AiPipe.Tests.Portal;

/// <summary>How people come in, and how nobody else does.</summary>
public sealed class SignInPageTests(PostgresFixture postgres, Browser browser, SharedGateway shared)
    : PortalTest(postgres, browser, shared), IClassFixture<SharedGateway>
{
    private const string Password = "four plain words here";

    [Fact]
    public async Task Person_signs_in_with_a_password_sees_their_token_and_signs_out()
    {
        await MakeAsync(Ann, Password);
        var page = await OpenAsync("/account/usage");
        await FillAsync(page, Ann, Password);
        await page.WaitForAddressAsync("*/account/usage");

        await page.GetByRole(AriaRole.Link, new() { Name = "Account" }).ClickAsync();
        await page.GetByText("Show the token").ClickAsync();
        var token = await page.Locator("details pre code").InnerTextAsync();
        Assert.Null(await Gateway.CallAsync(token));

        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await page.WaitForAddressAsync(Gateway.Address + "/");
        await page.GotoAsync(Gateway.Address + "/account");
        Assert.Contains("/login?return=", page.Url, StringComparison.Ordinal);
        AssertNoComplaints();
    }

    [Theory]
    [InlineData("{user}", "not it, not at all")]
    [InlineData("nobody@example.com", Password)]
    public async Task Wrong_password_is_told_as_an_unknown_name_is(string name, string password)
    {
        await MakeAsync(Ann, Password);
        name = name.Replace("{user}", Ann, StringComparison.Ordinal);
        var page = await OpenAsync("/login");
        await FillAsync(page, name, password);
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("wrong", new() { IgnoreCase = true });
        await Expect(page.GetByLabel("E-mail address or user name")).ToHaveValueAsync(name);
    }

    [Fact]
    public async Task Link_is_good_once_and_only_opening_it_does_not_use_it_up()
    {
        var link = await LinkAsync(Ann);
        for (var scan = 0; scan < 2; scan++)
        {
            using var opened = await Gateway.Http.GetAsync(link);
            Assert.Equal(HttpStatusCode.OK, opened.StatusCode);
        }
        var first = await OpenAsync(link[Gateway.Address.Length..]);
        await first.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        await first.WaitForAddressAsync("*/account");

        var second = await OpenAsync(link[Gateway.Address.Length..]);
        await second.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        await Expect(second.GetByRole(AriaRole.Alert)).ToHaveTextAsync(
            "This link has already been used or has expired. Ask an administrator for a new one.");
        await Expect(second.GetByRole(AriaRole.Button, new() { Name = "Continue" })).ToHaveCountAsync(0);
    }

    [Theory]
    [InlineData("/login", true)]
    [InlineData("/login?link=a-code", false)]
    public async Task Google_has_its_button_but_not_where_a_links_code_stands_in_the_address(string path, bool isThere)
    {
        await using var gateway =
            await Gateway.StartAsync(Database, static settings => settings["GOOGLE_CLIENT_ID"] = "a.apps.googleusercontent.com",
            servesPages: true);
        using var response = await gateway.Http.GetAsync(path);
        var page = await response.Content.ReadAsStringAsync();
        Assert.Equal((isThere, isThere),
            (page.Contains("login.js", StringComparison.Ordinal), page.Contains("id=\"google\"", StringComparison.Ordinal)));
        Assert.Equal(isThere, response.Headers.GetValues("Content-Security-Policy").Single()
            .Contains("accounts.google.com", StringComparison.Ordinal));
        Assert.Equal(isThere, response.Headers.GetValues("Referrer-Policy").Single() != "no-referrer");
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example/")]
    [InlineData("javascript:alert(1)")]
    public async Task Nobody_is_sent_elsewhere_after_signing_in(string where)
    {
        await MakeAsync(Ann, Password);
        var page = await OpenAsync("/login?return=" + Uri.EscapeDataString(where));
        await FillAsync(page, Ann, Password);
        await page.WaitForAddressAsync("*/account");
        AssertNoComplaints();
    }

    [Fact]
    public async Task Cookie_is_for_our_pages_alone_and_no_script_reads_it()
    {
        var page = await OpenAsync(new Uri(await LinkAsync(Ann)).PathAndQuery);
        await page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        await page.WaitForAddressAsync("*/account");
        var cookie = Assert.Single(await page.Context.CookiesAsync(), cookie => cookie.Name == "aipipe");
        Assert.True(cookie.HttpOnly);
        Assert.Equal(SameSiteAttribute.Lax, cookie.SameSite);
        Assert.DoesNotContain(Gateway.Token()[..20], cookie.Value, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/login")]
    [InlineData("/login?handler=Google")]
    [InlineData("/account/keys")]
    [InlineData("/account/keys?handler=Revoke&id=0199b0f1-0000-7000-8000-000000000000")]
    [InlineData("/account/security?handler=Token")]
    [InlineData("/console/people/ann@example.com?handler=Budget")]
    [InlineData("/console/people/ann@example.com?handler=Salt")]
    [InlineData("/console/salts")]
    [InlineData("/logout")]
    public async Task Forms_from_elsewhere_are_refused(string path)
    {
        var page = await SignInAsync(Admin);
        var cookies = string.Join(
            "; ", (await page.Context.CookiesAsync()).Where(cookie => cookie.Name == "aipipe")
            .Select(cookie => $"{cookie.Name}={cookie.Value}"));
        using var request = new HttpRequestMessage(
            HttpMethod.Post, Gateway.Address + path)
        { Content = new FormUrlEncodedContent([new("email", Ann), new("New.Name", "x")]) };
        request.Headers.Add("Cookie", cookies);
        request.Headers.Add("Origin", "https://evil.example");
        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false });
        using var answer = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Token_that_was_reset_ends_the_session_of_other_browsers()
    {
        var (here, there) = (await SignInAsync(), await SignInAsync());
        await here.GotoAsync(Gateway.Address + "/account/security");
        await here.GetByRole(AriaRole.Button, new() { Name = "Replace my token" }).ClickAsync();
        await here.WaitForAddressAsync("*/account");
        await here.GetByText("You have a new token").WaitForAsync();

        await there.GotoAsync(Gateway.Address + "/account/usage");
        Assert.Contains("/login?return=", there.Url, StringComparison.Ordinal);
        AssertNoComplaints();
    }

    [Fact]
    public async Task Cookie_that_was_copied_before_the_sign_out_does_not_work_after_it()
    {
        var page = await SignInAsync();
        var other = await SignInAsync();
        var cookies = string.Join("; ", (await page.Context.CookiesAsync()).Select(cookie => $"{cookie.Name}={cookie.Value}"));
        Assert.Equal(HttpStatusCode.OK, await OpenWithAsync(cookies, "/account"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await page.WaitForAddressAsync(Gateway.Address + "/");

        foreach (var path in (string[])["/account", "/account/usage", "/account/security", "/account/keys"])
            Assert.Equal(HttpStatusCode.Redirect, await OpenWithAsync(cookies, path));
        await other.GotoAsync(Gateway.Address + "/account/usage");
        Assert.EndsWith("/account/usage", other.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changed_password_ends_the_sessions_of_other_browsers_but_not_this_one()
    {
        await MakeAsync(Ann, Password);
        var (here, there) = (await OpenAsync("/account/security"), await SignInAsync());
        await FillAsync(here, Ann, Password);
        await here.GetByLabel("Current password").FillAsync(Password);
        await here.GetByLabel("New password").FillAsync("four other words here");
        await here.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await here.GetByText("Your password is changed").WaitForAsync();
        await here.GotoAsync(Gateway.Address + "/account/usage");
        Assert.EndsWith("/account/usage", here.Url, StringComparison.Ordinal);

        await there.GotoAsync(Gateway.Address + "/account/usage");
        Assert.Contains("/login?return=", there.Url, StringComparison.Ordinal);
    }

    private async Task<HttpStatusCode> OpenWithAsync(string cookies, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Gateway.Address + path);
        request.Headers.Add("Cookie", cookies);
        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false });
        using var answer = await client.SendAsync(request);
        return answer.StatusCode;
    }

    [Fact]
    public async Task Wrong_current_password_is_told_and_ends_nothing()
    {
        await MakeAsync(Ann, Password);
        var page = await OpenAsync("/account/security");
        await FillAsync(page, Ann, Password);
        await page.GetByLabel("Current password").FillAsync("not it, not at all");
        await page.GetByLabel("New password").FillAsync("four other words here");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("wrong", new() { IgnoreCase = true });

        await page.GotoAsync(Gateway.Address + "/account/usage");
        Assert.EndsWith("/account/usage", page.Url, StringComparison.Ordinal);
        var elsewhere = await OpenAsync("/login");
        await FillAsync(elsewhere, Ann, Password);
        await elsewhere.WaitForAddressAsync("*/account");
        AssertNoComplaints();
    }

    private async Task MakeAsync(string email, string password)
    {
        using var response = await Gateway.SendAsync(HttpMethod.Post, "/admin/people", Gateway.Token(Admin), new { email, password });
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    private static async Task FillAsync(IPage page, string name, string password)
    {
        await page.GetByLabel("E-mail address or user name").FillAsync(name);
        await page.GetByLabel("Password").FillAsync(password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
    }
}
