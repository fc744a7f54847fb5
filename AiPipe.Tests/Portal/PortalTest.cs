using System.Collections.Concurrent;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Microsoft.Playwright;

namespace AiPipe.Tests.Portal;

/// <summary>A gateway with its pages, a fake provider behind it, and people in browsers of their own.</summary>
/// <param name="postgres">The server of its database.</param>
/// <param name="browser">Where pages are opened.</param>
/// <param name="shared">Where the tests of a class share one gateway, each with a new user. Without it, each test starts its own.</param>
public abstract class PortalTest(PostgresFixture postgres, Browser browser, SharedGateway? shared = null) : IAsyncLifetime
{
    protected const string Admin = "admin@example.com";

    /// <summary>What browsers complained of, and whom they asked besides us.</summary>
    private readonly ConcurrentQueue<string> _complaints = [];
    private readonly List<IBrowserContext> _contexts = [];

    private Gateway? _own;

    /// <summary>The user who is at the pages, unless a test names another.</summary>
    protected string Ann => Gateway.User;
    protected Gateway Gateway { get; private set; } = null!;
    /// <summary>Its database's connection string.</summary>
    protected string Database { get; private set; } = "";
    protected Browser Browser { get; } = browser;

    public async ValueTask InitializeAsync()
    {
        if (shared is null) await StartOwnAsync();
        else (Database, Gateway) = await shared.TakeAsync(StartOnAsync);
    }

    /// <summary>Gives this test a gateway and a database that no other test uses, with the user <see cref="Gateway.Ann"/>.</summary>
    protected async Task StartOwnAsync()
    {
        Database = await postgres.NewDatabaseAsync();
        _own = Gateway = await StartOnAsync(Database);
    }

    private Task<Gateway> StartOnAsync(string database) => Gateway.StartAsync(database, Configure, servesPages: true);

    protected virtual void Configure(Dictionary<string, string?> settings) => settings["AiPipe:Roles:teacher@example.com"] = "teacher";

    /// <summary>A new browser that nobody is signed in to, on a page of the portal.</summary>
    protected async Task<IPage> OpenAsync(string path, BrowserNewContextOptions? options = null)
    {
        var page = await NewPageAsync(options);
        await page.GotoAsync(Gateway.Address + path);
        return page;
    }

    /// <summary>A new browser in which a person has signed in by a one-time link, on the page of their account.</summary>
    protected async Task<IPage> SignInAsync(string? email = null, BrowserNewContextOptions? options = null)
    {
        // Past the browser: two pages less for each test.
        using var visitor = new Visitor();
        var portal = new Uri(Gateway.Address);
        using var signedIn = await visitor.SignInAsync(new Uri(portal, new Uri(await LinkAsync(email ?? Ann)).PathAndQuery));
        Assert.Equal("/account", signedIn.Headers.Location?.OriginalString);
        var page = await NewPageAsync(options);
        await page.Context.AddCookiesAsync(visitor.CookiesOf(portal).Select(
            cookie => new Cookie { Name = cookie.Name, Value = cookie.Value, Url = Gateway.Address, HttpOnly = cookie.HttpOnly }));
        await page.GotoAsync(Gateway.Address + "/account");
        // The page's end, which only those see who are signed in.
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
        page.Context.Console += (_, message) =>
        {
            // An answer that is no 200 is told there, too; pages show those to people.
            if (message.Type == "error"
                && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal)) _complaints.Enqueue(message.Text);
        };
        page.Context.WebError += (_, error) => _complaints.Enqueue(error.Error);
        page.Context.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(Gateway.Address, StringComparison.Ordinal)
                && request.Url.StartsWith("http", StringComparison.Ordinal) && !IsExpected(request.Url))
                _complaints.Enqueue(request.Url);
        };
        return page;
    }

    /// <summary>Other sites that a test has to do with.</summary>
    protected virtual bool IsExpected(string url) => false;

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var context in _contexts) await context.CloseAsync();
        if (_own is null) return;
        await _own.DisposeAsync();
        await postgres.DropDatabaseAsync(Database);
    }
}
