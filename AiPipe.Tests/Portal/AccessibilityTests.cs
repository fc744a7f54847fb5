using System.Collections.Concurrent;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Settings;
using AiPipe.Tests.Support;
using Deque.AxeCore.Commons;
using Microsoft.Playwright;
using OpenAI.Chat;

namespace AiPipe.Tests.Portal;

/// <summary>
/// Every page with something on it, light and dark, on a phone and a laptop: axe finds nothing, nothing sticks out, and nobody else is
/// asked.
/// </summary>
public sealed class AccessibilityTests(PostgresFixture postgres, Browser browser) : PortalTest(postgres, browser)
{
    private const int MostBytes = 100_000;
    private const int PhoneWidth = 360;

    private const int LaptopWidth = 1280;
    private const int PagesAtOnce = 3;

    private static readonly (ColorScheme Scheme, int Width)[] Screens =
    [
        (ColorScheme.Light, PhoneWidth), (ColorScheme.Dark, PhoneWidth), (ColorScheme.Light, LaptopWidth), (ColorScheme.Dark, LaptopWidth),
    ];

    private static readonly string Axe = new BundledAxeScriptProvider().GetScript();

    protected override void Configure(Dictionary<string, string?> settings)
    {
        base.Configure(settings);
        foreach (var target in new[
            ] { "Routes:of-the-file:Targets:0:", "Routes:night:Targets:0:", "Routes:gone:Targets:0:", "Aliases:fast:" })
            (settings[$"AiPipe:{target}Provider"], settings[$"AiPipe:{target}Model"]) = ("openai", "gpt-4o-mini");
        foreach (var route in new[] { "of-the-file", "night", "gone" }) settings[$"AiPipe:Routes:{route}:Path"] = $"/{route}";
    }

    [Fact]
    public async Task Every_page_is_for_everybody()
    {
        var call = await FillAsync();
        var nobody = await OpenAsync("/");
        await CheckAllAsync(nobody, "/", "/login", "/login?redirect=https%3A%2F%2Fapp.example%2F", "/login?link=x", "/logout");

        var page = await SignInAsync(Admin);
        var classId = (await Gateway.GetJsonAsync("/classes", Gateway.Token(Admin))).GetProperty("teaching")[0].Text("id");
        await CheckAllAsync(page,
            "/", "/account", "/account/usage", $"/account/calls/{call}", "/account/keys", "/account/security", "/account/classes",
            "/account/classes/edit", $"/account/classes/{classId}", "/playground",
            "/login/consent?redirect=https%3A%2F%2Fapp.example%2F&limit=0.5", "/login/consent?redirect=javascript:1",
            "/console", "/console/people", $"/console/people/{Ann}", "/console/budgets", "/console/providers",
            "/console/prices?Search=gpt-4o", "/console/salts", "/console/routes", "/console/routes/edit",
            "/console/routes/edit?name=support", "/console/aliases", "/console/aliases?name=smart", "/console/aliases/edit?name=shared",
                "/console/hosts", "/console/calls",
            $"/console/calls/{call}", "/console/audit");
        AssertNoComplaints();
    }

    /// <summary>Checks pages, some at once, each in a tab of its own of the same browser.</summary>
    private async Task CheckAllAsync(IPage first, params string[] paths)
    {
        var left = new ConcurrentQueue<string>(paths);
        await Task.WhenAll(Enumerable.Range(0, PagesAtOnce).Select(async tab =>
        {
            var page = tab == 0 ? first : await first.Context.NewPageAsync();
            while (left.TryDequeue(out var path)) await CheckAsync(page, path);
        }));
    }

    private async Task CheckAsync(IPage page, string path)
    {
        long bytes = 0;
        void Count(object? sender, IResponse response) =>
            bytes += response.Headers.TryGetValue("content-length", out var length)
            ? long.Parse(length, System.Globalization.CultureInfo.InvariantCulture) : 0;
        page.Response += Count;
        await page.GotoAsync(Gateway.Address + path, new() { WaitUntil = WaitUntilState.NetworkIdle });
        page.Response -= Count;

        var html = (await page.ContentAsync()).Length;
        Assert.True(bytes + html < MostBytes, $"{path} weighs {bytes + html} bytes");
        await page.EvaluateAsync(Axe);
        // A page is loaded once: its size and colours follow by style sheets alone.
        foreach (var (scheme, width) in Screens)
        {
            await page.EmulateMediaAsync(new() { ColorScheme = scheme });
            await page.SetViewportSizeAsync(width, 800);
            // Every rule on a phone, where menus collapse, and on a laptop; of the other two only what depends on colours and sizes.
            string[] rules = (scheme == ColorScheme.Light) == (width == PhoneWidth)
                ? []
                : ["color-contrast", "scrollable-region-focusable"];
            await CheckScreenAsync(page, $"{path} ({scheme}, {width} px)", width, rules);
            if (Environment.GetEnvironmentVariable("AIPIPE_SCREENSHOTS") is { Length: > 0 } folder) await ShootAsync(page, folder, path);
        }
    }

    private static async Task CheckScreenAsync(IPage page, string screen, int width, string[] rules)
    {
        var found = await page.EvaluateAsync<string[]>(
            """
            async rules => (await axe.run(document, { resultTypes: ['violations'], ...(rules.length > 0 && { runOnly: rules }) }))
                .violations.map(violation => `${violation.id}: ${violation.help}: ${violation.nodes[0].html}`)
            """, rules);
        Assert.True(found.Length == 0, $"{screen}: {string.Join("; ", found)}");
        var whole = await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth");
        Assert.True(whole <= width, $"{screen} is {whole} px wide");
    }

    /// <summary>Something for every page to show.</summary>
    private async Task<string> FillAsync()
    {
        foreach (var who in new[] { Admin, Ann })
        {
            await Gateway.OpenAi(Gateway.Token(who)).GetChatClient("gpt-4o-mini")
                .CompleteChatAsync([ChatMessage.CreateUserMessage("Hello")]);
            await Gateway.OpenAi(Gateway.Token(who)).GetChatClient("gpt-4o").CompleteChatAsync([ChatMessage.CreateUserMessage("Hello")]);
        }
        await PostAsync("/keys", new { name = "homework bot", limit = 0.5, days = 30 });
        await Gateway.GrantAsync(new { redirect = AppClient.Redirect }, Admin);
        var today = TestClock.UtcToday;
        var made = await PostAsync(
            "/classes", new
            {
                name = "Physics 101",
                starts_on = today,
                ends_on = today.AddDays(30),
                limit = 1,
                days = 7,
                models = (string[])["gpt-4o*"]
            });
        using var roster = new HttpRequestMessage(
            HttpMethod.Post, $"/classes/{made.Text("id")}/roster")
        {
            Content =
            new StringContent("ann@example.com,Ann Lee", System.Text.Encoding.UTF8, "text/csv")
        };
        roster.Headers.TryAddWithoutValidation("Authorization", $"Bearer {Gateway.Token(Admin)}");
        using var added = await Gateway.Http.SendAsync(roster);
        Assert.True(added.IsSuccessStatusCode, await added.Content.ReadAsStringAsync());
        await PostAsync("/admin/settings",
            new { path = new[] { "Budgets", Ann }, value = new { Limit = 2, Days = 7 }, note = "for the project" });
        await PostAsync("/admin/settings", new { path = new[] { "Salts", Ann }, value = "random-text" });
        await FillTargetsAsync();
        return (await Gateway.GetJsonAsync("/usage/calls", Gateway.Token(Admin))).GetProperty("calls")[0].Text("id");
    }

    /// <summary>Routes and aliases in every state that there is: well, out, off, changed here, of the configuration, and removed.</summary>
    private async Task FillTargetsAsync()
    {
        object mini = new { Provider = "openai", Model = "gpt-4o-mini", Weight = 3 },
            other = new { Provider = "openrouter", Model = "anthropic/claude-sonnet-4", Priority = -1 };
        object elsewhere = new
        {
            Provider = "openai",
            Model = "gpt-4o",
            Endpoint = $"{Gateway.Provider.Address}/v1/chat/completions",
            Header = new Dictionary<string, string> { ["api-key"] = "a-key-of-the-route-7777" }
        };
        await Gateway.ChangeAsync(
            new
            {
                path = SettingsClient.Path("Routes", "support"),
                value = new
                {
                    Path = "/support",
                    Targets = new[] { mini, elsewhere, other },
                    Sticky = "X-Session",
                    Anonymous = new { Limit = 1, Days = 7 }
                }
            });
        await Gateway.ChangeAsync(
            new
            {
                path = SettingsClient.Path("Routes", "night"),
                value = new
                {
                    Paths = (string[])["/night", "/night/*"],
                    Methods = (string[])["POST"],
                    Enabled = false,
                    Targets = new[] { elsewhere }
                }
            });
        await Gateway.ChangeAsync(
            new { path = SettingsClient.Path("Aliases", "smart"), value = new[] { new { Provider = "openai", Model = "gpt-4o" }, other } });
        await Gateway.ChangeAsync(
            new { path = SettingsClient.Path("Aliases", "shared"), value = new { Targets = new[] { mini, other }, Retries = 1 } });
        await Gateway.ChangeAsync(new { path = SettingsClient.Path("Routes", "gone"), value = (object?)null });
        var well = Gateway.Provider.Answer;
        Gateway.Provider.Answer = static (http, _) =>
        {
            (http.Response.StatusCode, http.Response.Headers.RetryAfter) = (429, "600");
            return Task.CompletedTask;
        };
        using var refused = await Gateway.Http.SendAsync(Gateway.Post("/support", """{"messages":[{"role":"user","content":"Hello"}]}"""));
        Gateway.Provider.Answer = well;
        using var answered = await Gateway.Http.SendAsync(Gateway.Post("/openai/v1/chat/completions", """{"model":"FAST","messages":[]}"""));
        Assert.True(answered.IsSuccessStatusCode, await answered.Content.ReadAsStringAsync());
    }

    private async Task<System.Text.Json.JsonElement> PostAsync(string path, object body)
    {
        using var response = await Gateway.SendAsync(HttpMethod.Post, path, Gateway.Token(Admin), body);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return await Support.JsonResponses.JsonAsync(response);
    }

    /// <summary>For a look with one's own eyes.</summary>
    private static async Task ShootAsync(IPage page, string folder, string path)
    {
        var tone = await page.EvaluateAsync<bool>("() => matchMedia('(prefers-color-scheme: dark)').matches") ? "dark" : "light";
        var name = string.Concat(path.Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '-'));
        await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{page.ViewportSize!.Width}-{tone}{name}.png"), FullPage = true });
    }
}
