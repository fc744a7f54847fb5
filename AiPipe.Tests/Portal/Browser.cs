using System.Collections;
using AiPipe.Tests.Portal;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Browser))]

namespace AiPipe.Tests.Portal;

/// <summary>The system's Chromium without a window, started once for the run by the first test that opens a page.</summary>
public sealed class Browser : IAsyncDisposable
{
    /// <summary>Milliseconds: longer than any page takes on the busiest machine. A navigation also waits for the page's requests.</summary>
    private const float Timeout = 60_000, NavigationTimeout = 90_000;

    private static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
    private readonly Lazy<Task<(IPlaywright Playwright, IBrowser Browser)>> _started = new(StartAsync);

    /// <summary>
    /// A page in a new browser context, which shares no cookies or storage with another. Close the context when the test ends.
    /// </summary>
    public async Task<IPage> PageAsync(BrowserNewContextOptions? options = null)
    {
        Assert.SkipUnless(Places.Any(File.Exists), "There is no Chromium here.");
        var context = await (await _started.Value).Browser.NewContextAsync(options);
        context.SetDefaultTimeout(Timeout);
        context.SetDefaultNavigationTimeout(NavigationTimeout);
        return await context.NewPageAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_started.IsValueCreated) return;
        var (playwright, browser) = await _started.Value;
        await browser.DisposeAsync();
        playwright.Dispose();
    }

    private static async Task<(IPlaywright Playwright, IBrowser Browser)> StartAsync()
    {
        var playwright = await Playwright.CreateAsync();
        Assertions.SetDefaultExpectTimeout(Timeout);
        var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Places.First(File.Exists),
            Args = ["--no-sandbox"],
            // When a whole run is tried at another time of day, the browser keeps the time that it is.
            Env = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Where(static entry => (string)entry.Key != "LD_PRELOAD")
                .Select(static entry => KeyValuePair.Create((string)entry.Key, (string)entry.Value!)),
            Timeout = NavigationTimeout,
        });
        return (playwright, browser);
    }
}
