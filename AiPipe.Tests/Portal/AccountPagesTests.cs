using System.Globalization;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Settings;
using AiPipe.Tests.Support;
using Microsoft.Playwright;
using OpenAI.Chat;
using static Microsoft.Playwright.Assertions;

namespace AiPipe.Tests.Portal;

/// <summary>What a person sees of what they did.</summary>
public sealed class AccountPagesTests(PostgresFixture postgres, Browser browser) : PortalTest(postgres, browser)
{
    [Fact]
    public async Task Usage_shows_a_call_of_the_official_client_with_its_receipt_and_timeline()
    {
        var page = await SignInAsync();
        await page.GotoAsync(Gateway.Address + "/account/usage");
        await page.GetByText("No calls match this filter").WaitForAsync();

        await Gateway.OpenAi().GetChatClient("gpt-4o-mini").CompleteChatAsync([ChatMessage.CreateUserMessage("Hello")]);
        await page.ReloadAsync();
        await Expect(page.Locator(".figures")).ToContainTextAsync("$0.00045");
        var calls = page.GetByRole(AriaRole.Group, new() { Name = "Calls" });
        await Expect(calls).ToContainTextAsync("gpt-4o-mini");

        await calls.GetByRole(AriaRole.Link).First.ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Receipt" }).WaitForAsync();
        foreach (var part in new[] { "1,000", "0.15", "$0.00015", "500", "0.60", "$0.0003", "$0.00045", "first byte", "settled" })
            await Expect(page.Locator("main")).ToContainTextAsync(part);
        AssertNoComplaints();
    }

    [Fact]
    public async Task Used_up_budget_says_when_more_is_available()
    {
        await Gateway.ChangeAsync(new { path = SettingsClient.Path("Budgets", Ann), value = new { Limit = 0.00045, Days = 7 } });
        Assert.Null(await Gateway.CallAsync(Gateway.Token()));
        var page = await SignInAsync();
        var next = TestClock.UtcToday.AddDays(7);
        var date = next.ToString(next.Year == TestClock.UtcToday.Year ? "d MMMM" : "d MMMM yyyy", CultureInfo.InvariantCulture);
        await Expect(page.Locator(".note")).ToHaveTextAsync($"You've used your $0.00045 for these 7 days. More from {date}.");
        await Expect(page.Locator(".figure")).ToHaveTextAsync("$0.00 left of $0.00045 in any 7 days");
    }

    [Fact]
    public async Task Table_downloads_as_csv()
    {
        await Gateway.OpenAi().GetChatClient("gpt-4o-mini").CompleteChatAsync([ChatMessage.CreateUserMessage("Hello")]);
        var page = await SignInAsync();
        await page.GotoAsync(Gateway.Address + "/account/usage");
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByText("as CSV").ClickAsync());
        var lines = await File.ReadAllLinesAsync(await download.PathAsync());
        Assert.Equal(2, lines.Length);
        Assert.Contains("0.00045", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_is_shown_once_works_up_to_its_limit_and_stops_when_it_is_deleted()
    {
        var page = await SignInAsync();
        await page.GotoAsync(Gateway.Address + "/account/keys");
        await page.GetByText("Create a key").ClickAsync();
        await page.GetByLabel("Name").FillAsync("<img src=x onerror=alert(1)>");
        await page.GetByLabel("May spend up to").FillAsync("0.0004");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create the key" }).ClickAsync();
        var key = await page.Locator(".done pre code").InnerTextAsync();
        Assert.StartsWith("sk-cfw", key, StringComparison.Ordinal);
        await Expect(page.Locator("tbody th").First).ToHaveTextAsync("<img src=x onerror=alert(1)>");

        Assert.Null(await Gateway.CallAsync(key));
        Assert.Equal("budget_spent", await Gateway.CallAsync(key));
        await page.GotoAsync(Gateway.Address + "/account/keys");
        Assert.DoesNotContain(key, await page.ContentAsync(), StringComparison.Ordinal);
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete <img" }).ClickAsync();
        await page.GetByText("no longer works").WaitForAsync();
        Assert.Equal("token_invalid", await Gateway.CallAsync(key));
        AssertNoComplaints();
    }

    [Fact]
    public async Task Somebody_elses_call_is_as_good_as_none()
    {
        await Gateway.OpenAi().GetChatClient("gpt-4o-mini").CompleteChatAsync([ChatMessage.CreateUserMessage("Hello")]);
        var id = (await Gateway.GetJsonAsync("/usage/calls")).GetProperty("calls")[0].Text("id");
        var page = await SignInAsync("bob@example.com");
        var answer = await page.GotoAsync($"{Gateway.Address}/account/calls/{id}");
        Assert.Equal(404, answer!.Status);
        Assert.DoesNotContain("gpt-4o-mini", await page.ContentAsync(), StringComparison.Ordinal);
        foreach (var path in new[
            ] { "/console", "/console/people", "/console/calls", $"/console/calls/{id}", "/console/people/ann@example.com",
            "/console/audit", "/console/providers", "/console/salts", "/console/routes", "/console/routes/edit?name=1", "/console/aliases",
            "/console/aliases/edit?name=fast", "/console/hosts" })
        {
            var refused = await page.GotoAsync(Gateway.Address + path);
            Assert.Equal(403, refused!.Status);
            Assert.DoesNotContain("ann@example.com", await page.Locator("main").InnerTextAsync(), StringComparison.Ordinal);
        }
    }
}
