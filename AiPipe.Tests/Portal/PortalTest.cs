using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Microsoft.Playwright;

namespace AiPipe.Tests.Portal;

/// <summary>A gateway with its pages, a fake provider behind it, and people in browsers of their own.</summary>
public abstract class PortalTest(PostgresFixture postgres, Browser browser) : IAsyncLifetime
{
    protected const string Ann = Gateway.Ann;
    protected const string Admin = "admin@example.com";

    /// <summary>What browsers complained of, and whom they asked besides us.</summary>
    private readonly List<string> _complaints = [];
    private readonly List<IBrowserContext> _contexts = [];

    protected Gateway Gateway { get; private set; } = null!;
    /// <summary>Its database's connection string.</summary>
    protected string Database { get; private set; } = "";
    protected Browser Browser { get; } = browser;

    public async ValueTask InitializeAsync()
    {
        Database = await postgres.NewDatabaseAsync();
        Gateway = await Gateway.StartAsync(Database, Configure, servesPages: true);
    }

    protected virtual void Configure(Dictionary<string, string?> settings) => settings["AiPipe:Roles:teacher@example.com"] = "teacher";

    /// <summary>A new browser that nobody is signed in to, on a page of the portal.</summary>
    protected async Task<IPage> OpenAsync(string path, BrowserNewContextOptions? options = null)
    {
        var page = await NewPageAsync(options);
        await page.GotoAsync(Gateway.Address + path);
        return page;
    }

    /// <summary>A new browser in which a person has signed in by a one-time link.</summary>
    protected async Task<IPage> SignInAsync(string email = Ann, BrowserNewContextOptions? options = null)
    {
        var page = await NewPageAsync(options);
        await page.GotoAsync(Gateway.Address + new Uri(await LinkAsync(email)).PathAndQuery);
        await page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        // The page's end, which only those see who are signed in.
        await page.WaitForAddressAsync("*/account");
        await page.Locator("footer.site form").WaitForAsync();
        return page;
    }

    /// <summary>What an admin would send to somebody.</summary>
    protected async Task<string> LinkAsync(string email)
    {
        using var response = await Gateway.SendAsync(HttpMethod.Post, $"/admin/people/{email}/link", Gateway.Token(Admin));
        return (await response.JsonAsync()).Text("link");
    }

    /// <summary>Nothing was refused by the page's own policy, no script failed, and nobody else was asked for anything.</summary>
    protected void AssertNoComplaints() => Assert.Empty(_complaints);

    private async Task<IPage> NewPageAsync(BrowserNewContextOptions? options)
    {
        var page = await Browser.PageAsync(options);
        _contexts.Add(page.Context);
        page.Console += (_, message) =>
        {
            // An answer that is no 200 is told there, too; pages show those to people.
            if (message.Type == "error" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal)) _complaints.Add(message.Text);
        };
        page.PageError += (_, error) => _complaints.Add(error);
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(Gateway.Address, StringComparison.Ordinal) && request.Url.StartsWith("http", StringComparison.Ordinal) && !IsExpected(request.Url))
                _complaints.Add(request.Url);
        };
        return page;
    }

    /// <summary>Other sites that a test has to do with.</summary>
    protected virtual bool IsExpected(string url) => false;

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var context in _contexts) await context.CloseAsync();
        if (Gateway is not null) await Gateway.DisposeAsync();
    }
}
