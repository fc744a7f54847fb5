using System.Net;
using System.Text.Json;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Npgsql;
using static AiPipe.Tests.Settings.SettingsClient;

namespace AiPipe.Tests.Settings.Hosts;

/// <summary>Hosts that operators add keys for, and what <c>X-Host-Final</c> leads to; two replicas.</summary>
public sealed class HostTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const string Word = "correct-horse-battery";
    private const string Other = "api.someotherprovider.com";
    private const string Chat = """{"model":"gpt-4o-mini","messages":[]}""";

    private string _database = "";
    private Gateway _here = null!;
    private Gateway _there = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await postgres.NewDatabaseAsync();
        _here = await Gateway.StartAsync(_database, Configure);
        _there = await Gateway.StartAsync(_database, Configure);
    }

    public async ValueTask DisposeAsync()
    {
        await _here.DisposeAsync();
        await _there.DisposeAsync();
    }

    [Fact]
    public async Task Added_host_is_called_with_all_its_keys_in_turn_on_every_replica()
    {
        Assert.Equal("host_not_allowed", await CallAsync(_here, Other));
        var keys = Enumerable.Range(0, 6).Select(i => $"key/with/slashes+and=signs-{i}").ToList();
        // At once, on both, and each twice: none is lost, and none is there twice.
        await Task.WhenAll(keys.Concat(keys).Select((key, i) => AddAsync(i % 2 == 0 ? _here : _there, $"{Other}/{key}")));
        foreach (var gateway in (Gateway[])[_here, _there])
        {
            await Eventually.TrueAsync(
                async () => (await ListedAsync(gateway, Other))?.GetProperty("keys").GetArrayLength() == keys.Count, "all keys");
            Assert.Equal("https://api.someotherprovider.com", (await ListedAsync(gateway, Other))!.Value.Text("base_url"));
        }

        // Nobody knows what it costs there, so it is not called; an admin says so, and where this test's provider is.
        Assert.Equal("model_price_unknown", await CallAsync(_here, Other));
        await _here.ChangeAsync(new { path = SettingsClient.Path("Prices", Other, "gpt-4o-mini"), value = new { Input = 1, Output = 2 } });
        await _here.ChangeAsync(
            new { path = SettingsClient.Path("Providers", Other), value = new { BaseUrl = _here.Provider.Address, Keys = keys } });
        for (var i = 0; i < keys.Count; i++) Assert.Null(await CallAsync(_here, Other));
        Assert.Equal(keys.Select(key => $"Bearer {key}")
            .Order(StringComparer.Ordinal), _here.Provider.Seen.Select(seen => seen.Headers["Authorization"])
            .Order(StringComparer.Ordinal));
        Assert.All(_here.Provider.Seen, seen => Assert.Equal("/v1/chat/completions", seen.Target));
        Assert.Equal(0.012m, await _here.SpentAsync());

        using var removed = await _there.SendAsync(HttpMethod.Delete, $"/admin/hosts/{Other}", _there.Token(Admin));
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        Assert.Equal("host_not_allowed", await CallAsync(_there, Other));
        await Eventually.TrueAsync(async () => await CallAsync(_here, Other) == "host_not_allowed", "the host gone on the other replica");
        using var again = await _there.SendAsync(HttpMethod.Delete, $"/admin/hosts/{Other}", _there.Token(Admin));
        Assert.Equal("not_found", await again.CodeAsync());
        await AddAsync(_there, $"{Other}/one-more");
        Assert.Equal("https://api.someotherprovider.com", (await ListedAsync(_there, Other))!.Value.Text("base_url"));
    }

    [Theory]
    [InlineData("/v1/chat/completions", "api.groq.com")]
    [InlineData("/openai/v1/chat/completions", "api.groq.com")]
    [InlineData("/openrouter/v1/chat/completions", "API.Groq.COM")]
    [InlineData("/groq/v1/chat/completions", null)]
    public async Task Host_has_its_own_base_path_prices_and_key_whatever_path_is_called(string path, string? host)
    {
        await AddAsync(_here, "Api.Groq.Com/gsk_0123456789abcdef");
        Assert.Null(await CallAsync(_here, host, path, """{"model":"llama-3.1-8b-instant","messages":[]}"""));
        var seen = _here.Provider.Seen.Single();
        Assert.Equal(("/openai/v1/chat/completions", "Bearer gsk_0123456789abcdef"), (seen.Target, seen.Headers["Authorization"]));
        Assert.Equal(0.00009m, await _here.SpentAsync());
        Assert.Equal(("groq", "gsk…cdef"),
            ((await ListedAsync(_here, "api.groq.com"))!.Value.Text("provider"),
            (await ListedAsync(_here, "api.groq.com"))!.Value.GetProperty("keys")[0].GetString()));
    }

    [Fact]
    public async Task Removed_host_is_gone_though_its_key_is_the_environments_and_comes_back_where_it_was()
    {
        const string groq = "api.groq.com", llama = """{"model":"llama-3.1-8b-instant","messages":[]}""";
        await using var gateway = await Gateway.StartAsync(await postgres.NewDatabaseAsync(), settings =>
        {
            Configure(settings);
            settings["GROQ_API_KEY"] = "gsk_of_the_environment";
        });
        Assert.Null(await CallAsync(gateway, groq, "/v1/chat/completions", llama));
        using var removed = await gateway.SendAsync(HttpMethod.Delete, $"/admin/hosts/{groq}", gateway.Token(Admin));
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        Assert.Equal("host_not_allowed", await CallAsync(gateway, groq));
        await AddAsync(gateway, groq + "/gsk_0123456789abcdef");
        Assert.Null(await CallAsync(gateway, groq, "/v1/chat/completions", llama));
        Assert.Equal(["Bearer gsk_of_the_environment", "Bearer gsk_0123456789abcdef"],
            gateway.Provider.Seen.Select(seen => seen.Headers["Authorization"]));
    }

    [Fact]
    public async Task Host_that_nobody_added_is_refused_however_it_looks()
    {
        await AddAsync(_here, "api.groq.com/gsk_0123456789abcdef");
        string[] hosts =
        [
            "api.groq.com@evil.example", "evil.example@api.groq.com", "api.groq.com:443", "api.groq.com:80", "api.groq.com.",
                "api.groq.com/",
            "api.groq.com?x=", "api.groq.com#", "https://api.groq.com", "xapi.groq.com", "api.groq.com.evil.example", "groq.com", "groq",
            "api-groq.com", "api.groq.com, api.openai.com", "127.0.0.1", "[::1]", "2130706433", "169.254.169.254", "localhost",
                "demo.invalid",
            "api.mistral.ai",
        ];
        foreach (var host in hosts)
        {
            foreach (var path in (string[])["/v1/chat/completions", "/openai/v1/chat/completions", "/openai/../v1/chat/completions"])
                Assert.Equal((host, "host_not_allowed"), (host, await CallAsync(_here, host, path)));
            // Strangers do not even learn that.
            Assert.Equal("token_missing", await CallAsync(_here, host, token: ""));
        }
        Assert.Empty(_here.Provider.Seen);
    }

    [Fact]
    public async Task Two_hosts_in_one_request_are_refused_and_an_empty_one_is_none()
    {
        using var request = _here.Post("/v1/chat/completions", Chat);
        request.Headers.TryAddWithoutValidation("X-Host-Final", ["api.openai.com", "api.groq.com"]);
        using var response = await _here.Http.SendAsync(request);
        Assert.Equal("host_not_allowed", await response.CodeAsync());
        Assert.Null(await CallAsync(_here, ""));
        Assert.Null(await CallAsync(_here, "api.openai.com"));
        Assert.All(_here.Provider.Seen, seen => Assert.Equal($"Bearer {Gateway.ProviderKey}", seen.Headers["Authorization"]));
    }

    [Fact]
    public async Task Paths_are_as_narrow_there_as_anywhere()
    {
        (string Path, string Code)[] paths =
        [
            ("/v1/files", "endpoint_not_metered"), ("/v1", "endpoint_not_metered"), ("/unknown/v1/chat/completions", "unknown_provider"),
            ("/v2/chat/completions", "unknown_provider"),
        ];
        foreach (var (path, code) in paths)
        {
            Assert.Equal((path, code), (path, await CallAsync(_here, host: null, path)));
            Assert.Equal((path, code), (path, await CallAsync(_here, "api.openai.com", path)));
        }
        Assert.Empty(_here.Provider.Seen);
    }

    [Fact]
    public async Task Host_or_key_that_is_none_is_refused_and_nothing_is_added()
    {
        string[] wrong =
        [
            "localhost/k", "127.0.0.1/k", "0x7f.1/k", "10.0.0.1.1/k", "api.example.com:8080/k", "user@api.example.com/k",
                "api.example.com./k",
            ".api.example.com/k", "api..example.com/k", "-api.example.com/k", "%5B::1%5D/k", "api.g%D0%B3oq.com/k",
                "api.example.com%2Fpath/k",
            "api.example.com", "api.example.com/", "api.example.com/a%20b", "api.example.com/a%0Ab", "api.example.com/%E2%80%A6",
        ];
        foreach (var rest in wrong)
        {
            using var response = await _here.Http.PostAsync(new Uri($"{_here.Address}/{Word}/addkey/{rest}"), content: null);
            Assert.Equal((rest, HttpStatusCode.BadRequest, "invalid_request"), (rest, response.StatusCode, await response.CodeAsync()));
        }
        Assert.Null(await ListedAsync(_here, "api.example.com"));
        Assert.Empty(await _here.AuditAsync());
    }

    [Fact]
    public async Task Admins_add_hosts_with_a_bearer_and_no_key_is_ever_shown_or_kept_in_the_open()
    {
        const string Key = "gsk_another-secret-key";
        using var added = await _here.SendAsync(HttpMethod.Post, "/admin/hosts", _here.Token(Admin), new { host = Other, key = Key });
        Assert.Equal("gsk…-key", (await added.JsonAsync()).GetProperty("keys")[0].GetString());
        using var refused = await _here.SendAsync(
            HttpMethod.Post, "/admin/hosts", _here.Token(Admin), new { host = "localhost", key = Key });
        Assert.Equal("invalid_request", await refused.CodeAsync());
        foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Post])
        {
            using var stranger = await _here.SendAsync(method, "/admin/hosts", _here.Token());
            Assert.Equal("admin_only", await stranger.CodeAsync());
        }
        var entry = Assert.Single(await _here.AuditAsync());
        Assert.Equal((Admin, $"Providers/{Other}"), (entry.Text("who"), entry.Text("subject")));
        var listing = (await _here.SettingsAsync()).ToString() + (await _here.GetJsonAsync("/admin/hosts", _here.Token(Admin))) + entry;
        Assert.DoesNotContain(Key, listing, StringComparison.Ordinal);
        await using var source = NpgsqlDataSource.Create(_database);
        await using var command = source.CreateCommand("select string_agg(settings::text, '') from settings");
        Assert.DoesNotContain("another-secret", (string)(await command.ExecuteScalarAsync())!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Browsers_may_send_the_header()
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, "/v1/chat/completions");
        request.Headers.TryAddWithoutValidation("Origin", "https://app.example");
        request.Headers.TryAddWithoutValidation("Access-Control-Request-Headers", "authorization,x-host-final");
        using var response = await _here.Http.SendAsync(request);
        Assert.Equal(("*", "authorization,x-host-final"),
            (response.Headers.GetValues("Access-Control-Allow-Origin").Single(), response.Headers.GetValues("Access-Control-Allow-Headers")
                .Single()));
    }

    private static void Configure(Dictionary<string, string?> settings)
    {
        settings["ACCESS_TOKEN"] = Word;
        settings["AiPipe:Providers:groq:BaseUrl"] = settings["AiPipe:Providers:openai:BaseUrl"] + "/openai";
    }

    private static async Task AddAsync(Gateway gateway, string rest)
    {
        using var response = await gateway.Http.PostAsync($"/{Word}/addkey/{rest}", content: null);
        Assert.Equal("OK", await response.Content.ReadAsStringAsync());
    }

    private static async Task<string?> CallAsync(
        Gateway gateway, string? host, string path = "/v1/chat/completions", string json = Chat, string? token = null)
    {
        using var request = gateway.Post(path, json, token);
        if (host is not null) request.Headers.TryAddWithoutValidation("X-Host-Final", host);
        using var response = await gateway.Http.SendAsync(request);
        return response.IsSuccessStatusCode ? null : await response.CodeAsync();
    }

    private static async Task<JsonElement?> ListedAsync(Gateway gateway, string host)
    {
        foreach (var listed in (await gateway.GetJsonAsync("/admin/hosts", gateway.Token(Admin))).GetProperty("hosts").EnumerateArray())
            if (listed.Text("host") == host) return listed;
        return null;
    }
}
