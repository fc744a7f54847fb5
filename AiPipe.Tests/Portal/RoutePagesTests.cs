using System.Net;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Settings;
using Microsoft.Playwright;

namespace AiPipe.Tests.Portal;

/// <summary>An admin's routes, with scripts turned off: what the page says, and what the next call gets.</summary>
public sealed class RoutePagesTests(PostgresFixture postgres, Browser browser) : PortalTest(postgres, browser)
{
    private const string OwnKey = "own-key-of-the-route-7777";

    private static readonly BrowserNewContextOptions Plain = new() { JavaScriptEnabled = false };

    protected override void Configure(Dictionary<string, string?> settings)
    {
        settings["AiPipe:Routes:filed:Path"] = "/filed";
        settings["AiPipe:Routes:filed:Targets:0:Provider"] = "openai";
        settings["AiPipe:Routes:filed:Targets:0:Model"] = "gpt-4o-mini";
        settings["AiPipe:Routes:filed:Targets:0:Endpoint"] = settings["AiPipe:Providers:openai:BaseUrl"] + "/v1/chat/completions";
        settings["AiPipe:Routes:filed:Targets:0:Header:x-own-key"] = OwnKey;
    }

    [Fact]
    public async Task Route_is_switched_off_and_on_removed_and_taken_back_and_its_key_stays_its_own()
    {
        var page = await OpenRoutesAsync();
        Assert.DoesNotContain(OwnKey, await page.ContentAsync(), StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, OwnKey), await CallAsync("/filed"));

        await ClickAsync(page, "Turn off filed", "filed is turned off");
        Assert.Equal(HttpStatusCode.NotFound, (await CallAsync("/filed")).Status);
        await ClickAsync(page, "Turn on filed", "filed is turned on");
        Assert.Equal((HttpStatusCode.OK, OwnKey), await CallAsync("/filed"));
        Assert.Contains("last response 200", await page.GetByRole(AriaRole.Group, new() { Name = "Targets of filed" })
            .InnerTextAsync(), StringComparison.Ordinal);

        await ClickAsync(page, "Remove filed", "filed is removed");
        Assert.Equal(HttpStatusCode.NotFound, (await CallAsync("/filed")).Status);
        await page.GetByRole(AriaRole.Heading, new() { Name = "Removed in console" }).WaitForAsync();
        await ClickAsync(page, "Restore the file's value of filed", "The file's value of filed is restored");
        Assert.Equal((HttpStatusCode.OK, OwnKey), await CallAsync("/filed"));
    }

    [Fact]
    public async Task Route_is_added_and_changed_by_its_document_and_a_hidden_key_stays()
    {
        var page = await OpenRoutesAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Add a route" }).ClickAsync();
        await page.GetByLabel("Id (").FillAsync("support");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add the route" }).ClickAsync();
        await page.GetByText("support is saved").WaitForAsync();
        Assert.Equal(HttpStatusCode.OK, (await CallAsync("/support")).Status);
        await ClickAsync(page, "Remove support", "support is removed");
        Assert.Equal(0, await page.GetByRole(AriaRole.Heading, new() { Name = "Removed in console" }).CountAsync());
        Assert.Equal(HttpStatusCode.NotFound, (await CallAsync("/support")).Status);

        await page.GetByRole(AriaRole.Link, new() { Name = "Change filed" }).ClickAsync();
        var document = await page.GetByLabel("Document").InputValueAsync();
        Assert.Contains("own…7777", document, StringComparison.Ordinal);
        await page.GetByText("To change a secret").WaitForAsync();
        await page.GetByLabel("Document").FillAsync(document.Replace("\"/filed\"", "\"/moved\"", StringComparison.Ordinal));
        await page.GetByLabel("Reason").FillAsync("a better name");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await page.GetByText("filed is saved").WaitForAsync();
        Assert.Equal((HttpStatusCode.OK, OwnKey), await CallAsync("/moved"));
        Assert.Equal(HttpStatusCode.NotFound, (await CallAsync("/filed")).Status);
        Assert.Equal("a better name", (await Gateway.AuditAsync())[0].Text("note"));
    }

    [Theory]
    [InlineData("""{ "Path": "/x", "Targets": [ { "Provider": "openai" } ] }""", "AiPipe:Routes:mine:Targets:0:Model is missing")]
    [InlineData("""{ "Path": "/x", "Tragets": [], "x": "</textarea><img src=x onerror=window.pwned=1>" }""", "AiPipe:Routes:mine:Tragets is not known")]
    [InlineData("{ \"Path\": \"/x\",\n  \"Targets\" [] }", "Not valid JSON: line 2, character 13")]
    [InlineData("null", "Enter a JSON object")]
    [InlineData("{ \"Path\": \"/\\ud800\" }", "unpaired surrogate")]
    public async Task Wrong_document_is_told_by_its_field_and_stays_as_it_was_typed(string document, string wrong)
    {
        var page = await SignInAsync(Admin);
        await page.GotoAsync(Gateway.Address + "/console/routes/edit");
        await page.GetByLabel("Id (").FillAsync("mine");
        await page.GetByLabel("Document").FillAsync(document);
        await page.GetByRole(AriaRole.Button, new() { Name = "Add the route" }).ClickAsync();

        await page.Locator("#wrong").WaitForAsync();
        Assert.Contains(wrong, await page.Locator("#wrong").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Equal("wrong", await page.GetByLabel("Document").GetAttributeAsync("aria-describedby"));
        Assert.Equal(("mine", document),
            (await page.GetByLabel("Id (").InputValueAsync(), await page.GetByLabel("Document").InputValueAsync()));
        Assert.False(await page.EvaluateAsync<bool>("() => 'pwned' in window || document.querySelector('img') !== null"));
        Assert.Null(await Gateway.SettingAsync("Routes", "mine"));
        AssertNoComplaints();
    }

    [Fact]
    public async Task What_somebody_else_changed_meanwhile_is_shown_before_it_is_overwritten()
    {
        var page = await OpenRoutesAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Change filed" }).ClickAsync();
        await page.GetByLabel("Document").WaitForAsync();
        await Gateway.ChangeAsync(
            new
            {
                path = SettingsClient.Path("Routes", "filed"),
                value = new { Path = "/theirs", Targets = new[] { new { Provider = "openai", Model = "gpt-4o" } } }
            });
        await page.GetByLabel("Document").FillAsync("""{ "Path": "/mine", "Targets": [ { "Provider": "openai", "Model": "gpt-4o-mini" } ] }""");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();

        await page.GetByText("was changed meanwhile by admin@example.com").WaitForAsync();
        Assert.Contains("/theirs", await page.Locator("pre").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Contains("/mine", await page.GetByLabel("Document").InputValueAsync(), StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound),
            ((await CallAsync("/theirs")).Status, (await CallAsync("/mine")).Status));
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await page.GetByText("filed is saved").WaitForAsync();
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.OK),
            ((await CallAsync("/theirs")).Status, (await CallAsync("/mine")).Status));
    }

    private async Task<IPage> OpenRoutesAsync()
    {
        var page = await SignInAsync(Admin, Plain);
        await page.GetByRole(AriaRole.Link, new() { Name = "Console" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Routes" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Routes", Level = 1 }).WaitForAsync();
        return page;
    }

    private static async Task ClickAsync(IPage page, string button, string done)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = button }).ClickAsync();
        await page.GetByText(done).WaitForAsync();
    }

    /// <summary>A call's status, and the key of its own that the provider saw.</summary>
    private async Task<(HttpStatusCode Status, string? OwnKey)> CallAsync(string path)
    {
        using var response = await Gateway.Http.SendAsync(Gateway.Post(path, """{"messages":[{"role":"user","content":"Hello"}]}"""));
        return (response.StatusCode, response.IsSuccessStatusCode ? Gateway.Provider.Seen.Last()
            .Headers.GetValueOrDefault("x-own-key") : null);
    }
}
