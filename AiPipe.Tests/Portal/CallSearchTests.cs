using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Accounts.Keys;
using AiPipe.Tests.Fixtures;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AiPipe.Tests.Portal;

/// <summary>Calls are searched by provider and key, too, and the chart is of what the table has.</summary>
public sealed class CallSearchTests(PostgresFixture postgres, Browser browser) : PortalTest(postgres, browser)
{
    private static ILocator Rows(IPage page) => page.GetByRole(AriaRole.Group, new() { Name = "Calls" }).Locator("tbody tr");

    [Fact]
    public async Task Chart_sum_table_and_download_are_of_the_calls_that_are_searched_for()
    {
        var key = await Gateway.MakeKeyAsync(new { name = "homework bot" });
        Assert.Null(await Gateway.CallAsync(key.Text("key")));
        Assert.Null(await Gateway.CallAsync(Gateway.Token()));
        Assert.Null(await Gateway.CallAsync(Gateway.Token()));

        var page = await SignInAsync();
        await page.GotoAsync(Gateway.Address + "/account/usage");
        await page.GetByText("in 3 calls").WaitForAsync();
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Key" }).SelectOptionAsync("homework bot");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show" }).ClickAsync();
        await page.GetByText("$0.00045 in 1 call,").WaitForAsync();
        await Expect(Rows(page)).ToHaveCountAsync(1);
        await Expect(page.GetByRole(AriaRole.Combobox, new() { Name = "Key" })).ToHaveValueAsync(key.Text("id"));
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByText("as CSV").ClickAsync());
        Assert.Equal(2, (await File.ReadAllLinesAsync(await download.PathAsync())).Length);

        await page.GetByRole(AriaRole.Combobox, new() { Name = "Key" }).SelectOptionAsync("any");
        foreach (var (provider, calls, sum) in new[] { ("OpenAI", 3, "in 3 calls"), ("groq", 0, "No calls from") })
        {
            await page.GetByLabel("Provider").FillAsync(provider);
            await page.GetByRole(AriaRole.Button, new() { Name = "Show" }).ClickAsync();
            await page.GetByText(sum).WaitForAsync();
            await Expect(Rows(page)).ToHaveCountAsync(calls);
        }
        AssertNoComplaints();
    }

    [Fact]
    public async Task Admin_searches_by_provider_and_by_anybodys_key()
    {
        var key = await Gateway.MakeKeyAsync(new { name = "homework bot" });
        Assert.Null(await Gateway.CallAsync(key.Text("key")));
        Assert.Null(await Gateway.CallAsync(Gateway.Token("bob@example.com")));
        var page = await SignInAsync(Admin);
        await page.GotoAsync(Gateway.Address + "/console/calls");
        await Expect(Rows(page)).ToHaveCountAsync(2);
        await page.GetByLabel("Key").FillAsync(key.Text("id"));
        await page.GetByLabel("Provider").FillAsync("openai");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show" }).ClickAsync();
        await page.WaitForAddressAsync("*Search.Key=*");
        await Expect(Rows(page)).ToHaveCountAsync(1);
        await page.GetByLabel("Person").FillAsync(Ann);
        await page.GetByRole(AriaRole.Button, new() { Name = "Show" }).ClickAsync();
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Key" }).SelectOptionAsync("homework bot");
        await Expect(Rows(page)).ToHaveCountAsync(1);
    }

    [Theory]
    [InlineData("/account/usage?Search.Key=nonsense", "must be the id of an API key")]
    [InlineData("/console/calls?Search.Key=nonsense", "must be the id of an API key")]
    [InlineData("/account/usage?Search.From=2026-03-02&Search.To=2026-03-01", "is after")]
    [InlineData("/account/usage?Search.Outcome=nonsense", "must be ok, failed")]
    public async Task Search_that_makes_no_sense_says_so_and_can_be_mended(string path, string why)
    {
        var page = await SignInAsync(Admin);
        await page.GotoAsync(Gateway.Address + path);
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync(why);
        await Expect(Rows(page)).ToHaveCountAsync(0);
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Show" })).ToBeVisibleAsync();
    }
}
