using System.Net;
using System.Net.Sockets;
using System.Web;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AiPipe.Tests.Portal;

/// <summary>Where people go on from signing in for a web app, as far as their browser lets them.</summary>
public sealed class AppReturnTests(PostgresFixture postgres, Browser browser, SharedGateway shared)
    : PortalTest(postgres, browser, shared), IClassFixture<SharedGateway>
{
    private WebApplication? _app;

    private string App { get; set; } = "";

    private const string V6 = "[::1]";

    public static TheoryData<string> Hosts => ["localhost", V6];

    protected override void Configure(Dictionary<string, string?> settings) => settings["AiPipe:Logins:Origins:0"] = "https://pipe.example";

    protected override bool IsExpected(string url) => App.Length > 0 && url.StartsWith(App, StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task App_on_ones_own_machine_gets_a_token_that_works_from_its_page_and_from_no_other(string host)
    {
        await StartAsync(host);
        var page = await SignedOutAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = App }).WaitForAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Allow" }).ClickAsync();
        var token = await ArriveAsync(page);

        Assert.Equal(200, await CallFromAsync(page, token));
        var other = await Browser.PageAsync();
        await other.GotoAsync(Gateway.Address + "/logout");
        Assert.Equal(401, await CallFromAsync(other, token));
        AssertNoComplaints();
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task Person_who_is_signed_out_goes_straight_on_to_an_app_that_was_let_in_for_good(string host)
    {
        await StartAsync(host);
        await Gateway.GrantAsync(new { redirect = App + "/page", remember = true });
        var page = await SignedOutAsync();
        Assert.Null(await Gateway.CallAsync(await ArriveAsync(page)));
        AssertNoComplaints();
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task Person_who_says_no_said_no_whatever_stands_in_the_address(string host)
    {
        await StartAsync(host);
        var page = await SignInAsync();
        await page.GotoAsync($"{Gateway.Address}/login/consent?redirect={Uri.EscapeDataString(App + "/page")}&handler=x&deny=false");
        await page.GetByRole(AriaRole.Button, new() { Name = "Deny" }).ClickAsync();
        await page.WaitForAddressAsync(App + "/page*");
        var query = HttpUtility.ParseQueryString(new Uri(page.Url).Query);
        Assert.Equal(("access_denied", null), (query["error"], query["aipipe_token"]));
        Assert.Empty((await Gateway.GetJsonAsync("/grants")).GetProperty("apps").EnumerateArray());
        AssertNoComplaints();
    }

    [Theory]
    [InlineData("/proxy/https://evil.example/")]
    [InlineData("/%70roxy/https://evil.example/")]
    [InlineData("/account/../PROXY/https://evil.example/")]
    [InlineData("/account/%2e%2e%2fproxy/https://evil.example/")]
    [InlineData("/openai/v1/models?x")]
    [InlineData("/geminiv1beta/models?key=AIza-of-somebody")]
    [InlineData("/Demo/v1/models")]
    public async Task Own_address_that_others_answer_gets_nobodys_token(string path)
    {
        var page = await SignInAsync();
        await page.GotoAsync($"{Gateway.Address}/login?redirect={Uri.EscapeDataString("https://pipe.example" + path)}");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("leads on to another site");
        Assert.StartsWith(Gateway.Address, page.Url, StringComparison.Ordinal);
        Assert.Empty(Gateway.Provider.Seen);
        AssertNoComplaints();
    }

    private async Task StartAsync(string host)
    {
        if (host == V6 && !HasV6()) Assert.Skip("This machine has no IPv6 address of its own: [::1] cannot be bound.");
        var builder = WebApplication.CreateSlimBuilder(["--urls", host == V6 ? "http://[::1]:0" : "http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.MapGet("/page", () => Results.Content("<!DOCTYPE html><title>An app</title>", "text/html"));
        await _app.StartAsync();
        App = $"http://{host}:{new Uri(_app.Urls.Single()).Port}";
    }

    /// <summary>A kernel may know IPv6 and have no address: only binding one tells.</summary>
    private static bool HasV6()
    {
        try
        {
            using var listener = new TcpListener(IPAddress.IPv6Loopback, 0);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Somebody whom their app sent to sign in, which they do by a link.</summary>
    private async Task<IPage> SignedOutAsync()
    {
        var page = await OpenAsync($"{new Uri(await LinkAsync(Ann)).PathAndQuery}&redirect={Uri.EscapeDataString(App + "/page")}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        return page;
    }

    private async Task<string> ArriveAsync(IPage page)
    {
        await page.WaitForAddressAsync(App + "/page*");
        return HttpUtility.ParseQueryString(new Uri(page.Url).Query)["aipipe_token"]!;
    }

    private Task<int> CallFromAsync(IPage page, string token) => page.EvaluateAsync<int>(
        """
        async ([address, token]) => (await fetch(address + '/openai/v1/chat/completions', {
            method: 'POST', headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }, body: '{"model":"gpt-4o-mini","messages":[]}'
        })).status
        """, new[] { Gateway.Address, token });

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_app is not null) await _app.DisposeAsync();
    }
}
