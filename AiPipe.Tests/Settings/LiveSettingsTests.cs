using System.Net;
using System.Text.Json;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Callers.Access;
using AiPipe.Proxy.Pricing;
using AiPipe.Proxy.Providers;
using AiPipe.Proxy.RateLimits;
using AiPipe.Proxy.Routing;
using AiPipe.Proxy.Settings;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using static AiPipe.Tests.Settings.SettingsClient;

namespace AiPipe.Tests.Settings;

/// <summary>What a change leaves as it was: calls in flight, what is known of keys, how full buckets are.</summary>
public sealed class LiveSettingsTests(PostgresFixture postgres) : GatewayTest(postgres)
{
    private const string Good = "sk-good-key-of-the-provider-2222", Bad = "sk-bad-key-of-the-provider-1111";

    private readonly StillClock _clock = new();

    protected override void Configure(Dictionary<string, string?> settings)
    {
        settings["AiPipe:Providers:openai:Keys:0"] = Bad;
        settings["AiPipe:Providers:openai:Keys:1"] = Good;
        settings["AiPipe:RateLimits:ann@example.com:RequestsPerMinute"] = "3";
    }

    private protected override Task<Gateway> StartAsync() => Gateway.StartStillAsync(Database, Configure, _clock);

    [Fact]
    public async Task A_call_in_flight_ends_with_what_it_began_with()
    {
        var (arrived, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        Provider.Answer = async (http, _) =>
        {
            arrived.TrySetResult();
            await goOn.Task;
            await Answers.Json(http, Answers.Chat(1000, 500));
        };
        var call = Gateway.CallAsync(Gateway.Token());
        await arrived.Task.WaitAsync(Eventually.Limit);
        await Gateway.ChangeAsync("""{ "path": ["Providers", "openai"], "value": null }""");
        await Gateway.ChangeAsync(new { path = Path("Budgets", Gateway.Ann), value = new { Limit = 0, Days = 1 } });
        await Gateway.ChangeAsync(new { path = Path("Prices", "openai", "gpt-4o-mini"), value = new { Input = 1000, Output = 1000 } });
        goOn.SetResult();

        Assert.Null(await call);
        await Gateway.FlushAsync();
        Assert.Equal(0.00045m, Assert.Single(await LedgerRowsAsync()).Cost);
        // Blocked callers are refused before anything else is looked at.
        Assert.Equal("budget_spent", await Gateway.CallAsync(Gateway.Token()));
    }

    [Fact]
    public async Task A_refused_key_is_still_known_for_it_after_a_change_and_so_is_a_bucket()
    {
        Provider.Answer = static (http, seen) =>
        {
            if (!seen.Headers["Authorization"].EndsWith(Bad, StringComparison.Ordinal)) return Answers.Json(http, Answers.Chat(1000, 500));
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return Task.CompletedTask;
        };
        for (var i = 0; i < 2; i++) Assert.Null(await Gateway.CallAsync(Gateway.Token()));
        await Gateway.ChangeAsync(
            new
            {
                path = Path("Providers", "openai"),
                value = new
                {
                    BaseUrl = Provider.Address,
                    Keys = new object[]
                    {
                        new { Id = await Gateway.KeyIdAsync("openai", "sk-…1111") },
                        new { Id = await Gateway.KeyIdAsync("openai", "sk-…2222") },
                        "sk-a-third-key-of-ours-3333",
                    },
                    AllowsByok = false
                }
            });
        await Gateway.ChangeAsync(new { path = Path("RateLimits", "@example.com"), value = new { RequestsPerMinute = 1000 } });

        var openai = await Gateway.ProviderAsync("openai");
        Assert.Equal(("runtime", false, "openai"),
            (openai.Text("source"), openai.GetProperty("takes_own_keys").GetBoolean(), openai.Text("dialect")));
        var keys = openai.GetProperty("keys").EnumerateArray().ToDictionary(key => key.Text("key"));
        Assert.Equal(("set_aside", 401, "ok", 200, "ok"),
            (keys["sk-…1111"].Text("status"), keys["sk-…1111"].GetProperty("last_status").GetInt32(),
            keys["sk-…2222"].Text("status"), keys["sk-…2222"].GetProperty("last_status").GetInt32(), keys["sk-…3333"].Text("status")));
        Assert.True(keys["sk-…1111"].TryGetProperty("set_aside_until", out _) && keys["sk-…1111"].TryGetProperty("last_error_at", out _));
        Assert.False(keys["sk-…2222"].TryGetProperty("last_error_at", out _) || keys["sk-…3333"].TryGetProperty("last_used_at", out _));

        Assert.Null(await Gateway.CallAsync(Gateway.Token()));
        Assert.Equal("rate_limited", await Gateway.CallAsync(Gateway.Token()));
    }

    [Fact]
    public async Task Roles_teams_and_rate_limits_hold_from_the_next_request_on()
    {
        const string Bob = "bob@example.com";
        await Gateway.ChangeAsync(new { path = Path("Roles", Bob), value = "admin" });
        Assert.Equal("file", (await Gateway.ChangeAsync(new { path = Path("Teams", "physics") }, Bob)).Text("source"));
        await Gateway.ChangeAsync(new { path = Path("Roles", Bob), value = "person" });
        Assert.Equal("admin_only", (await Gateway.RefusedAsync(new { path = Path("Teams", "physics") }, Bob)).Code);

        await Gateway.ChangeAsync(new { path = Path("Teams", "Physics"), value = new { Members = Path(Bob) } });
        await Gateway.ChangeAsync(
            new { path = Path("Budgets", "Together"), value = new { Teams = new { physics = new { Limit = 0, Days = 1 } } } });
        Assert.Equal("budget_spent", await Gateway.CallAsync(Gateway.Token(Bob)));
        Assert.Contains("is not a team", (await Gateway.RefusedAsync("""{ "path": ["Teams", "physics"], "value": null }""")).Message, StringComparison.Ordinal);

        await Gateway.ChangeAsync(new { path = Path("RateLimits", "carl@example.com"), value = new { RequestsPerMinute = 1 } });
        Assert.Null(await Gateway.CallAsync(Gateway.Token("carl@example.com")));
        Assert.Equal("rate_limited", await Gateway.CallAsync(Gateway.Token("carl@example.com")));
    }

    [Fact]
    public async Task Everything_that_reads_settings_reads_one_snapshot()
    {
        var (live, services) = (Gateway.Services.GetRequiredService<LiveSettings>(), Gateway.Services);
        await Gateway.ChangeAsync(new { path = Path("Aliases", "fast"), value = new { Provider = "openai", Model = "gpt-4o-mini" } });
        for (var i = 0; i < 2; i++)
        {
            var now = live.Current!;
            Assert.Same(now.Tokens, services.GetRequiredService<IOptionsMonitor<TokenOptions>>().CurrentValue);
            Assert.Same(now.Budgets, services.GetRequiredService<IOptionsMonitor<BudgetOptions>>().CurrentValue);
            Assert.Same(now.RateLimits, services.GetRequiredService<IOptionsMonitor<RateLimitOptions>>().CurrentValue);
            Assert.Same(now.Access, services.GetRequiredService<IOptionsMonitor<AccessOptions>>().CurrentValue);
            Assert.Same(now.Routes.All, services.GetRequiredService<RouteTable>().All);
            Assert.Equal(now.Providers.ByName["openai"], services.GetRequiredService<ProviderCatalog>().All
                .Single(provider => provider.Name == "openai"), ReferenceEqualityComparer.Instance);
            Assert.Equal(now.Prices.Prices.Find("openai", "mine") is not null,
                services.GetRequiredService<PriceTable>().FindOverride("openai", "mine") is not null);
            live.Replace(SettingsSnapshot.Read(new ConfigurationBuilder().AddInMemoryCollection(
            [
                new("AIPIPE_SECRET", Gateway.Secret), new("AiPipe:Providers:openai:Keys:0", "sk-other"),
                new("AiPipe:Prices:openai:mine:Input", "1"), new("AiPipe:Prices:openai:mine:Output", "1"),
            ]).Build(), services.GetRequiredService<IHostEnvironment>()));
            Assert.NotSame(now, live.Current);
        }
    }

    [Fact]
    public void What_was_validated_is_applied_without_reading_it_again()
    {
        var runtime = Gateway.Services.GetRequiredService<RuntimeSettings>();
        var path = SettingPath.OfFile(SettingPath.Roles, "bob@example.com")!;
        var row = new SettingRow
        {
            Key = path.Key,
            Path = [.. path.Parts],
            Value = "\"teacher\"",
            Version = long.MaxValue,
            ChangedAt = default,
            ChangedBy = "",
        };
        var document = SettingDocument.Read(path.Parent, path.Name, JsonElement.Parse(row.Value));
        var (snapshot, _) = runtime.Validate([new OpenRow(path, row, document)]);

        var loaded = runtime.Load([row with { Version = 7 }]);
        Assert.Same(snapshot, loaded.Snapshot);
        Assert.Equal(7, Assert.Single(loaded.InForce).Row.Version);
        Assert.Same(snapshot, runtime.Load([row with { Version = 7 }]).Snapshot);
        Assert.NotSame(snapshot, runtime.Load([row with { Value = "\"person\"" }]).Snapshot);
        Assert.Empty(runtime.Load([]).InForce);
    }

    [Theory]
    [InlineData("/admin/settings")]
    [InlineData("/admin/audit")]
    [InlineData("/admin/providers")]
    [InlineData("/admin/prices")]
    [InlineData("/admin/system")]
    public async Task Only_admins_see_it_and_only_in_the_ways_there_are(string path)
    {
        using var others = await Gateway.SendAsync(HttpMethod.Get, path, Gateway.Token());
        using var admins = await Gateway.SendAsync(HttpMethod.Get, path, Gateway.Token(Admin));
        using var deleted = await Gateway.SendAsync(HttpMethod.Delete, path, Gateway.Token(Admin));

        Assert.Equal("admin_only", await others.CodeAsync());
        Assert.Equal((HttpStatusCode.OK, true), (admins.StatusCode, admins.Headers.CacheControl?.NoStore));
        Assert.Equal("method_not_allowed", await deleted.CodeAsync());
    }

    [Fact]
    public async Task System_says_what_it_stands_on()
    {
        var system = await Gateway.GetJsonAsync("/admin/system", Gateway.Token(Admin));

        Assert.True(system.GetProperty("postgres").GetProperty("ok").GetBoolean());
        Assert.False(system.GetProperty("redis").GetProperty("configured").GetBoolean());
        Assert.Equal(0, system.GetProperty("unattributed").GetProperty("entries").GetInt64());
        Assert.True(Assert.Single(system.GetProperty("replicas").EnumerateArray()).GetProperty("this").GetBoolean());
        Assert.Equal(_clock.GetUtcNow(), system.GetProperty("started_at").GetDateTimeOffset());
    }
}
