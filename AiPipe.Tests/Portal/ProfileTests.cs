using System.Text;
using System.Text.Json;
using AiPipe.Tests.Support;
using Microsoft.Playwright;

namespace AiPipe.Tests.Portal;

/// <summary>aipipe.js in a real browser, imported by somebody else's page.</summary>
public sealed class ProfileTests(PortalHost portal, Browser browser) : IClassFixture<PortalHost>
{
    /// <summary>The pages' clock, which stands still: the browser's own may differ from the tests'.</summary>
    private static readonly DateTime Now = new(2026, 11, 21, 12, 0, 0, DateTimeKind.Utc);

    private const string GetProfile = "async () => (await import('/aipipe.js')).getProfile()";

    [Fact]
    public async Task Nobody_is_signed_in_at_first()
    {
        var page = await OpenAsync("");
        Assert.Equal((null, null), await ProfileAsync(page));
    }

    [Theory]
    [InlineData("?aipipe_token=T.O.K&aipipe_email=ann%40example.com", "")]
    [InlineData("?a=1%202&aipipe_token=T.O.K&aipipe_email=ann%40example.com&b=%2F", "?a=1%202&b=%2F")]
    [InlineData("?x=1#aipipe_token=T.O.K&aipipe_email=ann%40example.com", "?x=1")]
    [InlineData("?aipipe_token=T.O.K&aipipe_email=ann%40example.com#/route", "#/route")]
    public async Task Token_on_the_address_is_taken_off_it_and_remembered(string arrival, string left)
    {
        var page = await OpenAsync(arrival);
        Assert.Equal(("T.O.K", "ann@example.com"), await ProfileAsync(page));
        await Eventually.TrueAsync(() => page.Url == new Uri(portal.Address, "/their-app").AbsoluteUri + left, "the address without it");

        await page.ReloadAsync();
        Assert.Equal(("T.O.K", "ann@example.com"), await ProfileAsync(page));
    }

    [Fact]
    public async Task Expired_token_is_forgotten_with_its_email()
    {
        var page = await OpenAsync($"?aipipe_token={Jwt(Now.AddMinutes(-1))}&aipipe_email=ann%40example.com");
        Assert.Equal((null, null), await ProfileAsync(page));
        Assert.Equal(0, await page.EvaluateAsync<int>("() => localStorage.length"));
    }

    [Fact]
    public async Task Token_that_has_time_left_is_kept_and_names_its_owner()
    {
        var token = Jwt(Now.AddHours(1));
        var page = await OpenAsync($"?aipipe_token={token}");
        Assert.Equal((token, "zoë@example.com"), await ProfileAsync(page));
    }

    [Fact]
    public async Task New_person_leaves_nothing_of_the_one_before()
    {
        var page = await OpenAsync("?aipipe_token=first&aipipe_email=ann%40example.com");
        await ProfileAsync(page);
        await page.GotoAsync(new Uri(portal.Address, "/their-app?aipipe_token=second").AbsoluteUri);
        Assert.Equal(("second", null), await ProfileAsync(page));
    }

    [Fact]
    public async Task Browser_without_storage_keeps_the_profile_for_the_life_of_the_page()
    {
        var page = await browser.PageAsync();
        await page.AddInitScriptAsync(
            "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } })");
        await page.GotoAsync(new Uri(portal.Address, "/their-app?aipipe_token=T&aipipe_email=ann%40example.com").AbsoluteUri);
        Assert.Equal(("T", "ann@example.com"), await ProfileAsync(page));
        Assert.Equal(("T", "ann@example.com"), await ProfileAsync(page));
        await page.ReloadAsync();
        Assert.Equal((null, null), await ProfileAsync(page));
    }

    [Fact]
    public async Task Page_runs_under_its_own_policy_without_a_complaint_and_fits_a_phone()
    {
        var page = await browser.PageAsync(new() { ViewportSize = new() { Width = 360, Height = 740 }, ColorScheme = ColorScheme.Dark });
        var complaints = new List<string>();
        page.Console += (_, message) => complaints.Add(message.Text);
        page.PageError += (_, error) => complaints.Add(error);
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(portal.Address.AbsoluteUri, StringComparison.Ordinal)) complaints.Add(request.Url);
        };
        await page.GotoAsync(portal.Address.AbsoluteUri);
        await page.GetByRole(AriaRole.Button, new() { Name = "Copy: curl" }).WaitForAsync();
        Assert.Empty(complaints);
        Assert.Equal(360, await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth"));
    }

    private async Task<IPage> OpenAsync(string arrival)
    {
        var page = await browser.PageAsync();
        await page.Clock.SetFixedTimeAsync(Now);
        await page.GotoAsync(new Uri(portal.Address, "/their-app" + arrival).AbsoluteUri);
        return page;
    }

    private static async Task<(string? Token, string? Email)> ProfileAsync(IPage page)
    {
        var profile = await page.EvaluateAsync<JsonElement>(GetProfile);
        return (profile.GetProperty("token").GetString(), profile.GetProperty("email").GetString());
    }

    private static string Jwt(DateTime expires)
    {
        var claims = JsonSerializer.Serialize(new { email = "zoë@example.com", exp = new DateTimeOffset(expires).ToUnixTimeSeconds() });
        return $"e30.{System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}.c2ln";
    }
}
