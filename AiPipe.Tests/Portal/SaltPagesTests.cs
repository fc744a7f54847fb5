using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Settings;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AiPipe.Tests.Portal;

/// <summary>An admin ends somebody's tokens by another salt, with scripts turned off.</summary>
public sealed class SaltPagesTests(PostgresFixture postgres, Browser browser) : PortalTest(postgres, browser)
{
    private const string Salty = "salty@example.com";
    private const string Typed = "typed-by-the-admin";

    private static readonly BrowserNewContextOptions Plain = new() { JavaScriptEnabled = false };

    protected override void Configure(Dictionary<string, string?> settings) => settings["AiPipe:Salts:" + Salty] = "of-the-file";

    [Theory]
    [InlineData("")]
    [InlineData(Typed)]
    public async Task Salt_ends_the_tokens_before_it_and_a_fresh_sign_in_works(string salt)
    {
        var old = Gateway.Token();
        var theirs = await SignInAsync();
        Assert.Null(await Gateway.CallAsync(old));

        var page = await SignInAsync(Admin, Plain);
        await page.GetByRole(AriaRole.Link, new() { Name = "Console" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Salts" }).ClickAsync();
        await page.GetByLabel("Person").FillAsync(" Ann@Example.com ");
        await page.GetByLabel("Salt (").FillAsync(salt);
        await page.GetByLabel("Reason").FillAsync("laptop was stolen");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set the salt" }).ClickAsync();
        await page.GetByText("has a new salt").WaitForAsync();

        Assert.Equal("token_revoked", await Gateway.CallAsync(old));
        await theirs.GotoAsync(Gateway.Address + "/account/usage");
        Assert.Contains("/login?return=", theirs.Url, StringComparison.Ordinal);
        var anew = await SignInAsync();
        await anew.GetByText("Show the token").ClickAsync();
        Assert.Null(await Gateway.CallAsync(await anew.Locator("details pre code").InnerTextAsync()));

        await Expect(page.GetByRole(AriaRole.Row, new() { Name = "Ann@Example.com" })).ToContainTextAsync("Set in console");
        await page.GotoAsync(Gateway.Address + "/console/audit");
        await Expect(page.Locator("tbody")).ToContainTextAsync("laptop was stolen");
        if (salt.Length > 0) Assert.DoesNotContain(salt, await page.ContentAsync(), StringComparison.Ordinal);
        AssertNoComplaints();
    }

    [Fact]
    public async Task Persons_page_ends_their_tokens_and_leaves_their_budget_alone()
    {
        var old = Gateway.Token();
        Assert.Null(await Gateway.CallAsync(old));
        var page = await SignInAsync(Admin, Plain);
        await page.GotoAsync($"{Gateway.Address}/console/people/{Ann}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Revoke all tokens" }).ClickAsync();
        await page.GetByText("All their tokens are revoked").WaitForAsync();
        Assert.Equal("token_revoked", await Gateway.CallAsync(old));
        Assert.Null(await Gateway.CallAsync(Gateway.Token()));
        Assert.Equal(1m, await Gateway.LimitAsync(Ann));
    }

    [Fact]
    public async Task Salt_of_the_configuration_is_shown_as_such_can_be_removed_and_comes_back()
    {
        var page = await SignInAsync(Admin, Plain);
        await page.GotoAsync(Gateway.Address + "/console/salts");
        var row = page.GetByRole(AriaRole.Row, new() { Name = Salty });
        await Expect(row).ToContainTextAsync("Set in file");
        Assert.DoesNotContain("of-the-file", await page.ContentAsync(), StringComparison.Ordinal);
        var salted = Gateway.Token(Salty);

        await page.GetByRole(AriaRole.Button, new() { Name = $"Remove the salt of {Salty}" }).ClickAsync();
        await page.GetByText($"The salt of {Salty} is removed").WaitForAsync();
        await Expect(row).ToContainTextAsync("none");
        var unsalted = Gateway.Token(Salty);
        Assert.Null(await Gateway.CallAsync(unsalted));

        await page.GetByRole(AriaRole.Button, new() { Name = $"Restore the file's salt of {Salty}" }).ClickAsync();
        await page.GetByText($"The salt of {Salty} set in console is removed").WaitForAsync();
        Assert.Equal("token_revoked", await Gateway.CallAsync(unsalted));
        Assert.Null(await Gateway.CallAsync(salted));
    }

    [Theory]
    [InlineData(Admin, "would end your own token")]
    [InlineData("@example.com", "Enter the address of one person")]
    public async Task What_cannot_be_salted_is_told_and_changes_nothing(string whose, string why)
    {
        var page = await SignInAsync(Admin, Plain);
        await page.GotoAsync(Gateway.Address + "/console/salts");
        await page.GetByLabel("Person").FillAsync(whose);
        await page.GetByRole(AriaRole.Button, new() { Name = "Set the salt" }).ClickAsync();
        await page.GetByText(why).WaitForAsync();
        await Expect(page.GetByLabel("Person")).ToHaveValueAsync(whose);
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(1);
    }
}
