using System.Net;
using System.Text.Json;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Settings;
using AiPipe.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AiPipe.Tests.Portal;

/// <summary>An admin's aliases, with scripts turned off: what the page says, and which model the next call gets.</summary>
public sealed class AliasPagesTests(PostgresFixture postgres, Browser browser) : PortalTest(postgres, browser)
{
    private static readonly BrowserNewContextOptions Plain = new() { JavaScriptEnabled = false };

    protected override void Configure(Dictionary<string, string?> settings)
    {
        (settings["AiPipe:Aliases:filed:Provider"], settings["AiPipe:Aliases:filed:Model"]) = ("openai", "gpt-4o-mini");
        (settings["AiPipe:Aliases:long:Targets:0:Provider"], settings["AiPipe:Aliases:long:Targets:0:Model"]) = ("openai", "gpt-4o-mini");
    }

    [Fact]
    public async Task Alias_is_added_changed_given_a_second_model_and_removed()
    {
        Assert.Null(await ModelOfAsync("fast"));
        var page = await OpenAliasesAsync();
        await page.GetByLabel("Name").FillAsync("fast");
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Provider", Exact = true }).SelectOptionAsync("openai");
        await page.GetByLabel("Model", new() { Exact = true }).FillAsync("gpt-4o-mini");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add the alias" }).ClickAsync();
        await page.GetByText("From the next call, fast is gpt-4o-mini of openai.").WaitForAsync();
        Assert.Equal("gpt-4o-mini", await ModelOfAsync("fast"));

        await page.GetByRole(AriaRole.Link, new() { Name = "Change fast" }).ClickAsync();
        await Expect(page.GetByLabel("Model", new() { Exact = true })).ToHaveValueAsync("gpt-4o-mini");
        await page.GetByLabel("Model", new() { Exact = true }).FillAsync("gpt-4o");
        await page.GetByLabel("If that fails, provider").SelectOptionAsync("openrouter");
        await page.GetByLabel("and model").FillAsync("openai/gpt-4o-mini");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await page.GetByText("fast is gpt-4o of openai").WaitForAsync();
        Assert.Equal("gpt-4o", await ModelOfAsync("fast"));
        Gateway.Provider.Answer = static (http, seen) =>
            seen.Target.StartsWith("/api", StringComparison.Ordinal)
                ? Answers.Json(http, Answers.Chat(1000, 500)) : Answers.Json(http, "{}", 503);
        Assert.Equal("openai/gpt-4o-mini", await ModelOfAsync("fast"));

        await page.GetByRole(AriaRole.Link, new() { Name = "Change fast" }).ClickAsync();
        await Expect(page.GetByLabel("If that fails, provider")).ToHaveValueAsync("openrouter");
        await Expect(page.GetByLabel("and model")).ToHaveValueAsync("openai/gpt-4o-mini");
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove fast" }).ClickAsync();
        await page.GetByText("fast is removed").WaitForAsync();
        Assert.Null(await ModelOfAsync("fast"));
    }

    [Fact]
    public async Task Alias_of_the_configuration_is_removed_and_taken_back()
    {
        var page = await OpenAliasesAsync();
        await Expect(page.GetByRole(AriaRole.Row, new() { Name = "filed" })).ToContainTextAsync("set in file");
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove filed" }).ClickAsync();
        await page.GetByText("filed is removed").WaitForAsync();
        Assert.Null(await ModelOfAsync("filed"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Restore the file's value of filed" }).ClickAsync();
        await page.GetByText("The file's value of filed is restored").WaitForAsync();
        Assert.Equal("gpt-4o-mini", await ModelOfAsync("filed"));
    }

    [Fact]
    public async Task What_no_form_has_fields_for_is_changed_as_json()
    {
        var page = await OpenAliasesAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Change long" }).ClickAsync();
        await page.WaitForAddressAsync("*/console/aliases/edit?name=long*");
        await page.GetByLabel("Document").FillAsync("""{ "Targets": [ { "Provider": "openai", "Model": "gpt-4o" } ], "Timeout": 20000, }""");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await page.GetByText("long is saved").WaitForAsync();
        Assert.Equal("gpt-4o", await ModelOfAsync("long"));
    }

    [Fact]
    public async Task What_somebody_else_made_of_it_beyond_the_form_is_not_overwritten()
    {
        var page = await OpenAliasesAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Change filed" }).ClickAsync();
        await Expect(page.GetByLabel("Model", new() { Exact = true })).ToHaveValueAsync("gpt-4o-mini");
        await Gateway.ChangeAsync(
            new
            {
                path = SettingsClient.Path("Aliases", "filed"),
                value = new { Targets = new[] { new { Provider = "openai", Model = "gpt-4o" } }, Timeout = 20_000 }
            });
        for (var i = 0; i < 2; i++)
        {
            await page.GetByLabel("Reason").FillAsync($"attempt {i}");
            await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
            await Expect(page.GetByLabel("Reason")).ToHaveValueAsync($"attempt {i}");
            await page.Locator(".wrong", new() { HasText = "was changed meanwhile by admin@example.com" }).WaitForAsync();
        }
        Assert.Equal("gpt-4o", await ModelOfAsync("filed"));

        await page.GetByRole(AriaRole.Link, new() { Name = "edit the alias as JSON" }).ClickAsync();
        await Expect(page.GetByLabel("Document"))
            .ToHaveValueAsync(
            new System.Text.RegularExpressions.Regex("20000", System.Text.RegularExpressions.RegexOptions.None, Eventually.Limit));
    }

    [Theory]
    [InlineData("two words", "", "has no usable name")]
    [InlineData("Filed", "", "This name is already used")]
    [InlineData("fast", "openai/gpt-4o-mini", "Enter both")]
    public async Task What_is_wrong_is_told_by_its_field_and_what_was_typed_stays(string name, string second, string why)
    {
        var page = await OpenAliasesAsync();
        // Browsers would stop some of it themselves.
        await page.EvaluateAsync("() => document.querySelectorAll('form').forEach(form => form.noValidate = true)");
        await page.GetByLabel("Name").FillAsync(name);
        await page.GetByLabel("Model", new() { Exact = true }).FillAsync("my-model");
        await page.GetByLabel("and model").FillAsync(second);
        await page.GetByRole(AriaRole.Button, new() { Name = "Add the alias" }).ClickAsync();
        await page.Locator(".wrong", new() { HasText = why }).WaitForAsync();
        Assert.Equal((name, "my-model", second),
            (await page.GetByLabel("Name").InputValueAsync(), await page.GetByLabel("Model", new() { Exact = true })
                .InputValueAsync(), await page.GetByLabel("and model").InputValueAsync()));
        Assert.Equal(2, (await Gateway.SettingsAsync()).GetProperty("sections").GetProperty("Aliases").GetArrayLength());
    }

    private async Task<IPage> OpenAliasesAsync()
    {
        var page = await SignInAsync(Admin, Plain);
        await page.GetByRole(AriaRole.Link, new() { Name = "Console" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Aliases" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Aliases", Level = 1 }).WaitForAsync();
        return page;
    }

    /// <summary>The model that a call with an alias comes to; <c>null</c> = it is refused.</summary>
    private async Task<string?> ModelOfAsync(string alias)
    {
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/v1/chat/completions", $$"""{"model":"{{alias}}","messages":[]}"""));
        // Providers are asked for their models and prices, too.
        return response.StatusCode == HttpStatusCode.OK ? JsonElement.Parse(Gateway.Provider.Seen.Last(seen => seen.Method == "POST").Text)
            .GetProperty("model").GetString() : null;
    }
}
