using AiPipe.Tests.Fixtures;
using Microsoft.AspNetCore.Builder;
using Microsoft.Playwright;
using PortalProgram = AiPipe.Portal.Program;

namespace AiPipe.Tests.Portal;

/// <summary>
/// Portals in processes of their own: who signed in to one is signed in to all that have the same keys, also after a restart.
/// </summary>
public sealed class PortalKeysTests(PostgresFixture postgres, Browser browser) : PortalTest(postgres, browser)
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("aipipe-keys-");

    protected override bool IsExpected(string url) => true;

    [Theory]
    [InlineData("Portal:Keys")]
    [InlineData("AIPIPE_DATA")]
    public async Task Cookie_is_good_at_every_portal_with_the_same_keys_and_after_a_restart(string setting)
    {
        await using var other = await StartAsync(setting, _folder.FullName);
        await using var stranger = await StartAsync(setting, Path.Combine(_folder.FullName, "elsewhere"));
        IPage page;
        await using (var first = await StartAsync(setting, _folder.FullName))
        {
            page = await OpenAsync("/");
            await page.GotoAsync(first.Urls.Single() + new Uri(await LinkAsync(Ann)).PathAndQuery);
            await page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
            await page.WaitForAddressAsync("*/account");
            await first.StopAsync();
        }
        await using var restarted = await StartAsync(setting, _folder.FullName);
        // Cookies are the host's, whatever its port.
        Assert.EndsWith("/account/usage", await AtAsync(page, other), StringComparison.Ordinal);
        Assert.EndsWith("/account/usage", await AtAsync(page, restarted), StringComparison.Ordinal);
        Assert.Contains("/login?return=", await AtAsync(page, stranger), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Folder_that_cannot_be_made_stops_the_start_with_the_name_of_the_setting()
    {
        var file = Path.Combine(_folder.FullName, "file");
        await File.WriteAllTextAsync(file, "");
        string[] settings = ["--Portal:Gateway", Gateway.Address, "--Portal:Keys", Path.Combine(file, "keys")];
        var e = Assert.Throws<InvalidOperationException>(() => PortalProgram.Build(settings));
        Assert.Contains("Set Portal:Keys to another folder.", e.Message, StringComparison.Ordinal);
    }

    private async Task<WebApplication> StartAsync(string setting, string folder)
    {
        var portal = PortalProgram.Build(
            ["--urls", "http://127.0.0.1:0", "--Portal:Gateway", Gateway.Address, "--" + setting, folder, "--Logging:LogLevel:Default",
            "None"]);
        await portal.StartAsync();
        return portal;
    }

    private static async Task<string> AtAsync(IPage page, WebApplication portal)
    {
        await page.GotoAsync(portal.Urls.Single() + "/account/usage");
        return page.Url;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
