using System.Net;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Npgsql;
using PortalProgram = AiPipe.Portal.Program;

namespace AiPipe.Tests.Portal;

/// <summary>A gateway whose database Portals in processes of their own share.</summary>
public sealed class CookieKeysGateway(PostgresFixture postgres) : IAsyncLifetime
{
    public string Database { get; private set; } = "";
    internal Gateway Gateway { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Database = await postgres.NewDatabaseAsync();
        Gateway = await Gateway.StartAsync(Database);
    }

    public ValueTask DisposeAsync() => Gateway.DisposeAsync();
}

/// <summary>Cookie keys in Postgres: Portals on one database are one to a visitor.</summary>
public sealed class CookieKeysTests(CookieKeysGateway shared, PostgresFixture postgres) : IClassFixture<CookieKeysGateway>, IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("aipipe-keys-");
    private readonly Visitor _visitor = new();

    public async ValueTask InitializeAsync() => await QueryAsync("truncate data_protection_keys");

    public ValueTask DisposeAsync()
    {
        _visitor.Dispose();
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Portals_that_start_together_read_each_others_cookies_and_forms()
    {
        await using var first = StartProcess(Gateway.Secret);
        await using var second = StartProcess(Gateway.Secret);
        var addresses = await Task.WhenAll(first.AddressAsync(), second.AddressAsync());
        await SignInAsync(formOf: addresses[0], postTo: addresses[1]);
        foreach (var address in addresses) Assert.True(await IsSignedInAsync(address));

        // A form of somebody who is signed in is bound to them.
        var form = await _visitor.OpenFormAsync(new Uri(addresses[0], "/account/security"));
        using var posted = await _visitor.PostAsync(addresses[1], form);
        Assert.NotEqual(HttpStatusCode.BadRequest, posted.StatusCode);
    }

    [Fact]
    public async Task Reading_the_table_is_not_enough_to_forge_a_cookie()
    {
        await using var portal = await StartAsync(Gateway.Secret);
        await SignInAsync(Address(portal), Address(portal));
        var keys = await QueryAsync("select xml from data_protection_keys");
        Assert.NotEmpty(keys);
        Assert.All(keys, static key => Assert.Contains("encryptedSecret", key, StringComparison.Ordinal));
        Assert.DoesNotContain(keys, static key => key.Contains("masterKey", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Keys_of_another_secret_are_skipped_with_one_warning()
    {
        await using (var before = await StartAsync("an earlier secret of this deployment"))
            await SignInAsync(Address(before), Address(before));
        await using var changed = StartProcess(Gateway.Secret);
        var address = await changed.AddressAsync();
        Assert.False(await IsSignedInAsync(address));
        await SignInAsync(address, address);
        Assert.True(await IsSignedInAsync(address));
        await using var replica = await StartAsync(Gateway.Secret);
        Assert.True(await IsSignedInAsync(Address(replica)));

        await changed.StopAsync();
        Assert.Equal(2, changed.Output.Split("encrypted with another AIPIPE_SECRET").Length);
    }

    [Fact]
    public async Task Keys_in_the_folder_of_an_earlier_version_are_taken_over_once()
    {
        await using (var earlier = await StartAsync(Gateway.Secret, database: null, _folder.FullName))
            await SignInAsync(Address(earlier), Address(earlier));
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "key-broken.xml"), "<key");

        await Task.WhenAll(UpgradeAsync(), UpgradeAsync());
        await using (var replica = await StartAsync(Gateway.Secret)) Assert.True(await IsSignedInAsync(Address(replica)));
        var file = Assert.Single(_folder.EnumerateFiles("key-*-*.xml"));
        var name = Path.GetFileNameWithoutExtension(file.Name);
        var keys = await QueryAsync($"select xml from data_protection_keys where friendly_name = '{name}'");
        Assert.DoesNotContain("masterKey", Assert.Single(keys), StringComparison.Ordinal);

        async Task UpgradeAsync()
        {
            await using var upgraded = await StartAsync(Gateway.Secret, shared.Database, _folder.FullName);
            Assert.True(await IsSignedInAsync(Address(upgraded)));
        }
    }

    [Fact]
    public async Task Portal_without_a_secret_shares_its_keys_as_well()
    {
        await using var first = await StartAsync(secret: "");
        await using var second = await StartAsync(secret: "");
        await SignInAsync(Address(first), Address(second));
        Assert.True(await IsSignedInAsync(Address(first)));
    }

    [Fact]
    public async Task Portal_starts_before_the_table_is_there()
    {
        var database = await postgres.NewEmptyDatabaseAsync();
        await using var portal = await StartAsync(Gateway.Secret, database);
        await using (await Gateway.StartAsync(database))
        {
            await SignInAsync(Address(portal), Address(portal));
            Assert.True(await IsSignedInAsync(Address(portal)));
        }
    }

    [Fact]
    public async Task Portal_without_its_database_starts_and_says_so_in_one_line()
    {
        var nowhere = $"Host=127.0.0.1;Port={ServerPorts.Take()};Username=u;Password=hunter2;Database=d";
        await using var portal = StartProcess(Gateway.Secret, nowhere);
        await portal.AddressAsync();
        await portal.StopAsync();
        Assert.Single(portal.Output.Split('\n'), static line => line.Contains("ConnectionStrings:aipipe", StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", portal.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", portal.Output, StringComparison.Ordinal);
    }

    private Task<WebApplication> StartAsync(string secret) => StartAsync(secret, shared.Database);

    private async Task<WebApplication> StartAsync(string secret, string? database, string folder = "")
    {
        var portal = PortalProgram.Build(
        [
            "--urls", "http://127.0.0.1:0", "--Portal:Gateway", shared.Gateway.Address, "--Portal:Keys", folder, "--AIPIPE_SECRET", secret,
            "--ConnectionStrings:aipipe", database ?? "", "--Logging:LogLevel:Default", "None",
        ]);
        await portal.StartAsync();
        return portal;
    }

    private ServiceProcess StartProcess(string secret, string? database = null) => ServiceProcess.StartPortal(new()
    {
        ["Portal__Gateway"] = shared.Gateway.Address,
        ["ConnectionStrings__aipipe"] = database ?? shared.Database,
        ["AIPIPE_SECRET"] = secret,
    });

    /// <summary>Signs in by a one-time link.</summary>
    private async Task SignInAsync(Uri formOf, Uri postTo)
    {
        var admin = shared.Gateway.Token("admin@example.com");
        using var response = await shared.Gateway.SendAsync(HttpMethod.Post, $"/admin/people/{Gateway.Ann}/link", admin);
        var link = new Uri((await response.JsonAsync()).Text("link"));
        using var signedIn = await _visitor.PostAsync(postTo, await _visitor.OpenFormAsync(new Uri(formOf, link.PathAndQuery)));
        Assert.Equal("/account", signedIn.Headers.Location?.OriginalString);
    }

    private async Task<bool> IsSignedInAsync(Uri portal)
    {
        using var page = await _visitor.GetAsync(new Uri(portal, "/account/usage"));
        return page.StatusCode == HttpStatusCode.OK;
    }

    private async Task<List<string>> QueryAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(shared.Database);
        await using var command = source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync()) rows.Add(reader.GetString(0));
        return rows;
    }

    private static Uri Address(WebApplication app) => new(app.Urls.Single());
}
