using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Accounts.Keys;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Settings;
using AiPipe.Tests.Support;
using AiPipe.Tests.Usage;
using Microsoft.Playwright;

namespace AiPipe.Tests.Portal;

/// <summary>Whatever people, apps and providers call themselves is text on every page that shows it.</summary>
public sealed class HostileTextTests(PostgresFixture postgres, Browser browser) : PortalTest(postgres, browser)
{
    /// <summary>Ends whatever it may stand in: a text, an attribute of either quote, a script, a style.</summary>
    private const string Probe = "</title></textarea></script></style>'\"><img src=x onerror=window.pwned=1>";
    private const string User = "'\"><img src=x onerror=window.pwned=1>@example.com";

    private const string Gone = "This item no longer exists.";

    /// <summary>As wild as a route's path may be.</summary>
    private const string RoutePath = "/'onerror='window.pwned=1'&lt;img";
    /// <summary>The probe within a document.</summary>
    private const string Shown = "</title></textarea></script></style>'\\\"><img src=x onerror=window.pwned=1>";

    [Fact]
    public async Task Names_are_text_wherever_they_are_shown()
    {
        var (classId, call) = await FillAsync();
        var page = await SignInAsync(Admin);
        var (probe, user) = (Uri.EscapeDataString(Probe), Uri.EscapeDataString(User));
        // What each page must show, so that a page that shows nothing of it is noticed.
        foreach (var (path, shown) in new (string, string?)[]
        {
            ("/account", null), ("/playground", null),
            ("/account/usage", Probe), ($"/account/calls/{call}", Probe), ("/account/keys", Probe),
            ("/account/classes", Probe), ($"/account/classes/{classId}", Probe), ($"/account/classes/edit?id={classId}", null),
            ("/console", Probe), ("/console/people", Probe), ("/console/people", User), ($"/console/people/{user}", User),
                ("/console/budgets", User), ("/console/salts", User),
            ("/console/routes", Probe), ("/console/routes", RoutePath), ("/console/routes/edit?name=hostile", Shown),
                ("/console/aliases", Probe), ("/console/aliases/edit?name=hostile", Shown), ("/console/hosts", null),
            ($"/console/prices?Search={probe}", Probe), ("/console/calls", Probe), ("/console/calls", User),
                ($"/console/calls/{call}", Probe), ("/console/audit", Probe), ("/console/audit", User),
            // … and what a link can make them show.
            ($"/account/usage?Search.Model={probe}&Search.Provider={probe}&Search.App={probe}&Search.Key={probe}&Search.Outcome={probe}",
                null),
            ($"/console/calls?Search.Email={probe}&Search.Model={probe}&Search.App={probe}&Search.Before={probe}", null),
            ($"/console/people?Search={probe}&After={probe}", null), ($"/console/people/{probe}", null),
                ($"/console/salts?Name={probe}", null),
            ($"/console/routes/edit?name={probe}", Gone), ($"/console/aliases/edit?name={probe}", Gone),
                ($"/console/aliases?name={probe}", Gone), ($"/console/audit?before={probe}", null),
            ($"/account/classes?code={probe}", null), ($"/playground?provider={probe}&model={probe}", null),
            ($"/login?redirect={probe}", null), ($"/login/consent?redirect={probe}&limit={probe}", null),
                ($"/login?link={probe}&return={probe}&redirect=https://{probe}", null),
        })
        {
            await page.GotoAsync(Gateway.Address + path, new() { WaitUntil = WaitUntilState.NetworkIdle });
            Assert.False(await page.EvaluateAsync<bool>(
                "() => 'pwned' in window || document.querySelector('[onerror], img[src=x]') !== null"), path);
            if (shown is not null) Assert.True(
                (await page.Locator("main").TextContentAsync())!.Contains(shown, StringComparison.Ordinal), $"{path} does not show it");
        }
        AssertNoComplaints();
    }

    /// <summary>
    /// The probe everywhere that people, apps or providers can put it, and where only a replica of another version could have.
    /// </summary>
    private async Task<(string Class, string Call)> FillAsync()
    {
        var today = TestClock.UtcToday;
        await PostAsync("/admin/people", new { email = User, name = Probe });
        await PostAsync("/admin/people", new { email = Ann, name = Probe });
        var key = await Gateway.MakeKeyAsync(new { name = Probe }, Admin);
        await Gateway.GrantAsync(new { redirect = AppClient.Redirect }, Admin);
        var taught = await PostAsync(
            "/classes", new
            {
                name = Probe,
                starts_on = today,
                ends_on = today.AddDays(30),
                limit = 1,
                days = 7,
                models = (string[])[Probe]
            });
        await PostAsync($"/classes/{taught.Text("id")}/roster", new { csv = $"email,name\nann@example.com,\"{Probe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" });
        await Gateway.ChangeAsync(new { path = SettingsClient.Path("Budgets", User), value = new { Limit = 1, Days = 7 }, note = Probe });
        await Gateway.ChangeAsync(new { path = SettingsClient.Path("Salts", User), value = Probe });
        await Gateway.ChangeAsync(new { path = SettingsClient.Path("Prices", "openai", Probe), value = new { Input = 1, Output = 2 } });
        await Gateway.ChangeAsync(
            new
            {
                path = SettingsClient.Path("Routes", "hostile"),
                value = new { Path = RoutePath, Targets = new[] { new { Provider = "openai", Model = Probe, Weight = 3 } } }
            });
        await Gateway.ChangeAsync(
            new { path = SettingsClient.Path("Aliases", "hostile"), value = new { Provider = "openai", Model = Probe, Weight = 3 } });
        await LedgerRows.AddAsync(Database, User, TestClock.UtcNow, Probe, app: Probe);
        await LedgerRows.AddAsync(Database, Admin, TestClock.UtcNow, Probe, app: Probe);
        await LedgerRows.ExecuteAsync(Database, $"""
            update ledger_entries set api_key = '{key.Text("id")}', note = $${Probe}$$, trace_id = $${Probe}$$, response_id = $${Probe}$$, operation = $${Probe}$$ where user_name = '{Admin}';
            update app_grants set origin = $${Probe}$$
            """);
        return (taught.Text("id"), (await Gateway.GetJsonAsync("/usage/calls", Gateway.Token(Admin))).GetProperty("calls")[0].Text("id"));
    }

    private async Task<System.Text.Json.JsonElement> PostAsync(string path, object body)
    {
        using var response = await Gateway.SendAsync(HttpMethod.Post, path, Gateway.Token(Admin), body);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {await response.Content.ReadAsStringAsync()}");
        return await response.JsonAsync();
    }
}
