using AiPipe.Tests.Fixtures;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AiPipe.Tests.Portal;

/// <summary>A talk in the playground, with its costs.</summary>
public sealed class PlaygroundTests(PostgresFixture postgres, Browser browser) : PortalTest(postgres, browser)
{
    [Fact]
    public async Task Answer_comes_as_it_is_made_and_then_its_cost()
    {
        var middle = new TaskCompletionSource();
        Gateway.Provider.Answer = async (http, _) =>
        {
            await Answers.BeginStream(http);
            await Answers.Event(http, Answers.Chunk("The sky <script>alert(1)</script>"));
            await middle.Task;
            await Answers.Event(http, Answers.Chunk(" is blue."));
            await Answers.Event(http, Answers.UsageChunk(1000, 500));
            await Answers.Event(http, "[DONE]");
        };
        var page = await OpenAsync();
        await RequestAsync(page, "Why?");
        await page.GetByText("The sky <script>alert(1)</script>").WaitForAsync();
        await page.GetByText("about $").WaitForAsync();
        middle.SetResult();

        await page.GetByText("$0.00045 · 1000 tokens in, 500 out").WaitForAsync();
        await Expect(page.Locator("#talk")).ToContainTextAsync("The sky <script>alert(1)</script> is blue.");
        await page.GetByRole(AriaRole.Link, new() { Name = "receipt" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Receipt" }).WaitForAsync();
        AssertNoComplaints();
    }

    [Fact]
    public async Task Talk_goes_on_with_what_was_said_and_stands_there_as_code()
    {
        Gateway.Provider.Answer = static (http, _) => Answers.ChatStream(http, 10, 5, "Hello Ann.");
        var page = await OpenAsync();
        await RequestAsync(page, "I am Ann.");
        var bills = page.Locator(".bill").Filter(new() { HasText = "tokens in" });
        await Expect(bills).ToHaveCountAsync(1);
        await RequestAsync(page, "Who am I?");
        await Expect(bills).ToHaveCountAsync(2);
        Assert.Contains("Hello Ann.", Gateway.Provider.Seen.Last().Text, StringComparison.Ordinal);
        await page.GetByText("Show this call as code").ClickAsync();
        await Expect(page.Locator("#snippet")).ToContainTextAsync("I am Ann.");
        Assert.DoesNotContain(Gateway.Token(), await page.Locator("#snippet").InnerTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_provider_refuses_is_told_as_text()
    {
        Gateway.Provider.Answer = (http, _) => Answers.Json(http, """{"error":{"message":"<b onclick=alert(1)>Too much</b>","type":"x","code":"y"}}""", 400);
        var page = await OpenAsync();
        await RequestAsync(page, "Why?");
        await page.GetByText("<b onclick=alert(1)>Too much</b>").WaitForAsync();
        await Expect(page.GetByLabel("Your message")).ToHaveValueAsync("Why?");
        AssertNoComplaints();
    }

    [Fact]
    public async Task Answer_that_is_stopped_is_charged_for_what_came()
    {
        Gateway.Provider.Answer = async (http, _) =>
        {
            await Answers.BeginStream(http);
            await Answers.Event(http, Answers.Chunk("A long story"));
            await Task.Delay(Timeout.Infinite, http.RequestAborted);
        };
        var page = await OpenAsync();
        await RequestAsync(page, "Tell me.");
        await page.GetByText("A long story").WaitForAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Stop" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Send" })).ToBeEnabledAsync();
        await Support.Eventually.TrueAsync(async () => await Gateway.SpentAsync() > 0, "the charge");
    }

    private async Task<IPage> OpenAsync()
    {
        var page = await SignInAsync();
        await page.GotoAsync(Gateway.Address + "/playground?provider=openai");
        await page.Locator("#model").SelectOptionAsync("gpt-4o-mini");
        return page;
    }

    private static async Task RequestAsync(IPage page, string text)
    {
        await page.GetByLabel("Your message").FillAsync(text);
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
    }
}
