using Microsoft.Playwright;

namespace AiPipe.Tests.Portal;

/// <summary>The system's Chromium, without a window.</summary>
public sealed class Browser : IAsyncLifetime
{
    /// <summary>Longer than any page takes on the busiest machine; a navigation has the pages that it asks for besides.</summary>
    private const float Patience = 60_000, NavigationPatience = 90_000;

    private static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        if (Array.Find(Places, File.Exists) is not { } path) return;
        _playwright = await Playwright.CreateAsync();
        Assertions.SetDefaultExpectTimeout(Patience);
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = path, Args = ["--no-sandbox"], Timeout = NavigationPatience });
    }

    /// <summary>A new person's window: nothing stored, nothing shared with other tests.</summary>
    public async Task<IPage> PageAsync(BrowserNewContextOptions? options = null)
    {
        if (_browser is null) Assert.Skip("There is no Chromium here.");
        var context = await _browser.NewContextAsync(options);
        context.SetDefaultTimeout(Patience);
        context.SetDefaultNavigationTimeout(NavigationPatience);
        return await context.NewPageAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
    }
}
