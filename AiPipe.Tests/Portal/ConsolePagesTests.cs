using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AiPipe.Tests.Portal;

/// <summary>What admins change, and who obeys it.</summary>
public sealed class ConsolePagesTests(PostgresFixture postgres, Browser browser) : PortalTest(postgres, browser)
{
    [Fact]
    public async Task Budget_that_an_admin_changes_holds_for_the_next_call_and_stands_in_the_audit_trail()
    {
        Assert.Null(await Gateway.CallAsync(Gateway.Token()));
        var page = await SignInAsync(Admin);
        await page.GotoAsync($"{Gateway.Address}/console/people/{Ann}");
        await page.GetByLabel("May spend").FillAsync("0");
        await page.GetByLabel("Reason").FillAsync("<i>enough</i>");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save as their personal budget" }).ClickAsync();
        await page.GetByText("It applies from the next call").WaitForAsync();
        Assert.Equal("budget_spent", await Gateway.CallAsync(Gateway.Token()));

        await page.GotoAsync(Gateway.Address + "/console/audit");
        await Expect(page.Locator("tbody")).ToContainTextAsync("<i>enough</i>");
        await page.GotoAsync($"{Gateway.Address}/console/people/{Ann}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove the personal budget" }).ClickAsync();
        await page.GetByText("The personal budget set in console is removed").WaitForAsync();
        Assert.Null(await Gateway.CallAsync(Gateway.Token()));
        AssertNoComplaints();
    }

    [Fact]
    public async Task Price_and_provider_are_added_and_called()
    {
        var page = await SignInAsync(Admin);
        await page.GotoAsync(Gateway.Address + "/console/providers");
        await page.GetByLabel("Name").FillAsync("mine");
        await page.GetByLabel("Address").FillAsync(Gateway.Provider.Address);
        await page.GetByLabel("Key", new() { Exact = true }).FillAsync("sk-a-key-of-mine-7777");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add the provider" }).ClickAsync();
        await page.GetByText("mine is added").WaitForAsync();
        await Expect(page.Locator("main")).ToContainTextAsync("7777");
        Assert.DoesNotContain("sk-a-key-of-mine-7777", await page.ContentAsync(), StringComparison.Ordinal);

        await page.GotoAsync(Gateway.Address + "/console/prices");
        await page.GetByLabel("Provider").FillAsync("mine");
        await page.GetByLabel("Model").Last.FillAsync("org/my-model");
        await page.GetByLabel("Input", new() { Exact = true }).FillAsync("1");
        await page.GetByLabel("Output").FillAsync("2");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set the price" }).ClickAsync();
        await page.GetByText("The price is set").WaitForAsync();

        using var answer = await Gateway.Http.SendAsync(Gateway.Post("/mine/v1/chat/completions", """{"model":"org/my-model","messages":[]}"""));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        Assert.Equal("Bearer sk-a-key-of-mine-7777", Gateway.Provider.Seen.Last().Headers["Authorization"]);
        Assert.Equal(0.002m, await Gateway.SpentAsync());
        AssertNoComplaints();
    }

    [Fact]
    public async Task Keys_of_a_provider_are_added_and_removed_one_by_one()
    {
        // Two with the same mask.
        const string First = "sk-first-of-two-7777", Second = "sk-second-of-two-7777";
        var page = await SignInAsync(Admin);
        await page.GotoAsync(Gateway.Address + "/console/providers");
        foreach (var key in (string[])[First, Second])
        {
            await page.GetByLabel("Another key for openai").FillAsync(key);
            await page.GetByLabel("Another key for openai").PressAsync("Enter");
            await page.GetByText("The keys of openai are changed").WaitForAsync();
        }
        var keys = page.GetByRole(AriaRole.Group, new() { Name = "Keys of openai" }).Locator("tbody tr");
        await Expect(keys).ToHaveCountAsync(3);
        await keys.Nth(1).GetByRole(AriaRole.Button).ClickAsync();
        await Expect(keys).ToHaveCountAsync(2);
        await keys.Nth(0).GetByRole(AriaRole.Button).ClickAsync();
        await Expect(keys).ToHaveCountAsync(1);

        Assert.Null(await Gateway.CallAsync(Gateway.Token()));
        Assert.Equal($"Bearer {Second}", Gateway.Provider.Seen.Last().Headers["Authorization"]);
        AssertNoComplaints();
    }

    [Fact]
    public async Task Person_is_added_let_in_by_a_link_made_a_teacher_and_shut_out()
    {
        var page = await SignInAsync(Admin);
        await page.GotoAsync(Gateway.Address + "/console/people");
        await page.GetByText("Add a person").ClickAsync();
        await page.GetByLabel("E-mail address or user name").FillAsync("new@example.com");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Create a sign-in link" }).ClickAsync();
        var link = await page.Locator(".done pre code").InnerTextAsync();
        await page.GetByLabel("Role").SelectOptionAsync("teacher");
        await page.GetByRole(AriaRole.Button, new() { Name = "Change the role" }).ClickAsync();
        await page.GetByText("The role is changed").WaitForAsync();

        var theirs = await OpenAsync(link[Gateway.Address.Length..]);
        await theirs.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        await theirs.WaitForAddressAsync("*/account");
        await theirs.GotoAsync(Gateway.Address + "/account/classes");
        await theirs.GetByText("Create a class").WaitForAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Disable the account" }).ClickAsync();
        await page.GetByText("The account is disabled until").WaitForAsync();
        await theirs.ReloadAsync();
        await Expect(theirs.GetByText("Create a class")).ToHaveCountAsync(0);
        AssertNoComplaints();
    }
}
