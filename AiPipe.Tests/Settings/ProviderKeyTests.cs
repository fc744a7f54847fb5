using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using Npgsql;
using static AiPipe.Tests.Settings.SettingsClient;

namespace AiPipe.Tests.Settings;

/// <summary>Keys of providers: changed by their ids, shown nowhere, and moved to no other host.</summary>
public sealed class ProviderKeyTests(PostgresFixture postgres, SharedGateway shared)
    : GatewayTest(postgres, shared), IClassFixture<SharedGateway>
{
    protected override void Configure(Dictionary<string, string?> settings) =>
        settings["AiPipe:Salts:salty@example.com"] = "the-salt-of-the-file";

    [Fact]
    public async Task Keys_change_by_their_ids_and_stand_nowhere_in_clear()
    {
        await StartOwnAsync();
        const string Fresh = "sk-fresh-and-secret-key-0001", Twin = "sk-another-secret-key-0001";
        await Gateway.ChangeAsync(
            new { path = Path("Providers", "openai"), value = new { BaseUrl = Provider.Address, Keys = Path(Fresh) } });
        Assert.Null(await Gateway.CallAsync(Gateway.Token()));
        Assert.Equal($"Bearer {Fresh}", Provider.Seen.Last().Headers["Authorization"]);

        // Both have the same mask.
        var keys = new object[] { new { Id = await Gateway.KeyIdAsync("openai", "sk-…0001") }, Twin };
        var entry = await Gateway.ChangeAsync(
            new { path = Path("Providers", "OpenAI"), value = new { BaseUrl = Provider.Address, Keys = keys } });
        var listed = entry.GetProperty("value").GetProperty("Keys").EnumerateArray().ToList();
        Assert.Equal(["sk-…0001", "sk-…0001"], listed.Select(key => key.Text("Mask")));
        for (var i = 0; i < 2; i++) Assert.Null(await Gateway.CallAsync(Gateway.Token()));
        Assert.Equal([$"Bearer {Twin}", $"Bearer {Fresh}"], Provider.Seen.Skip(1).Select(seen => seen.Headers["Authorization"])
            .Order(StringComparer.Ordinal));

        // Without keys, all are kept; by its id, one is.
        await Gateway.ChangeAsync(
            new { path = Path("Providers", "openai"), value = new { BaseUrl = Provider.Address, AllowsByok = false } });
        for (var i = 0; i < 2; i++) Assert.Null(await Gateway.CallAsync(Gateway.Token()));
        Assert.Equal([$"Bearer {Twin}", $"Bearer {Fresh}"], Provider.Seen.Skip(3).Select(seen => seen.Headers["Authorization"])
            .Order(StringComparer.Ordinal));
        await Gateway.ChangeAsync(
            new { path = Path("Providers", "openai"), value = new { BaseUrl = Provider.Address, Keys = new[] { listed[1] } } });
        for (var i = 0; i < 2; i++) Assert.Null(await Gateway.CallAsync(Gateway.Token()));
        Assert.Equal([$"Bearer {Twin}", $"Bearer {Twin}"], Provider.Seen.Skip(5).Select(seen => seen.Headers["Authorization"]));

        await Gateway.ChangeAsync(new { path = Path("Salts", "bob@example.com"), value = "a-very-secret-salt" });
        Assert.Equal("token_revoked", await Gateway.CallAsync(AiPipe.Proxy.Callers.Jwt.Sign("""{"email":"bob@example.com"}"""u8.ToArray(), System.Text.Encoding.UTF8.GetBytes(Gateway.Secret))));
        Assert.Null(await Gateway.CallAsync(Gateway.Token("bob@example.com")));

        string[] secrets = [Fresh, Twin, "a-very-secret-salt", Gateway.ProviderKey, "the-salt-of-the-file"];
        var shown = string.Join('\n', await Gateway.SettingsAsync(), await Gateway.GetJsonAsync("/admin/audit", Gateway.Token(Admin)),
            await Gateway.GetJsonAsync("/admin/providers", Gateway.Token(Admin)), string.Join('\n', Gateway.Logs.Lines), await TableAsync())
            .Replace("\\u2026", "…", StringComparison.Ordinal);
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, shown, StringComparison.Ordinal));
        Assert.Contains("sk-…0001", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_has_no_setting_for_a_key_of_the_environment_until_there_is_one()
    {
        await using var gateway = await Gateway.StartAsync(
            await Postgres.NewDatabaseAsync(), settings => settings["GROQ_API_KEY"] = "sk-of-the-environment-0099");
        Assert.Null(await gateway.SettingAsync("Providers", "groq"));
        Assert.Equal("sk-…0099", (await gateway.ProviderAsync("groq")).GetProperty("keys")[0].Text("key"));

        // The environment's key stays where it is.
        await gateway.ChangeAsync("""{ "path": ["Providers", "groq"], "value": { "AllowsByok": false } }""");
        var setting = (await gateway.SettingAsync("Providers", "groq"))!.Value.GetProperty("value");
        Assert.Equal(["AllowsByok"], setting.EnumerateObject().Select(field => field.Name));
        Assert.Equal("sk-…0099", (await gateway.ProviderAsync("groq")).GetProperty("keys")[0].Text("key"));

        // A change can take it into the settings, beside another.
        var id = await gateway.KeyIdAsync("groq");
        var keys = new object[] { new { Id = id }, "sk-a-key-of-groq-0100" };
        await gateway.ChangeAsync(new { path = Path("Providers", "groq"), value = new { Keys = keys } });
        Assert.Equal(["sk-…0099", "sk-…0100"], (await gateway.SettingAsync("Providers", "groq"))!.Value.GetProperty("value")
            .GetProperty("Keys").EnumerateArray().Select(key => key.Text("Mask")));
        Assert.Equal(2, (await gateway.ProviderAsync("groq")).GetProperty("keys").GetArrayLength());
    }

    [Theory]
    // Keys that are named or left out, of the file and of the environment.
    [InlineData("openai", """{ "BaseUrl": "https://evil.example", "Keys": [{ "Id": "<id>" }] }""", false)]
    [InlineData("openai", """{ "BaseUrl": "https://evil.example" }""", false)]
    [InlineData("groq", """{ "BaseUrl": "https://evil.example" }""", false)]
    [InlineData("groq", """{ "BaseUrl": "https://evil.example", "Keys": [{ "Id": "<id>" }] }""", false)]
    [InlineData("groq", """{ "BaseUrl": "https://evil.example", "Keys": ["sk-of-the-environment-0099"] }""", true)]
    [InlineData("groq", """{ "BaseUrl": "https://api.groq.com/elsewhere", "Keys": [{ "Id": "<id>" }] }""", true)]
    [InlineData("groq", """{ "BaseUrl": "https://api.groq.com/elsewhere" }""", true)]
    [InlineData("groq", """{ "BaseUrl": "https://evil.example", "Keys": [] }""", true)]
    public async Task Keys_that_nobody_gave_anew_do_not_move_to_another_host(string provider, string value, bool isMade)
    {
        await using var gateway = await Gateway.StartAsync(
            await Postgres.NewDatabaseAsync(), settings => settings["GROQ_API_KEY"] = "sk-of-the-environment-0099");
        var id = await gateway.KeyIdAsync(provider);
        var change = $$"""{ "path": ["Providers", "{{provider}}"], "value": {{value.Replace("<id>", id, StringComparison.Ordinal)}} }""";
        if (isMade) await gateway.ChangeAsync(change);
        else Assert.Contains(
            "BaseUrl leads to another host than its keys were given for: give the keys anew.", (await gateway.RefusedAsync(change))
            .Message, StringComparison.Ordinal);

        // Not in two steps either. Removed keys stay removed, so that none can move.
        const string again = """{ "path": ["Providers", "groq"], "value": { "BaseUrl": "https://evil.example:444" } }""";
        if (!value.Contains("[]", StringComparison.Ordinal))
        {
            Assert.Contains("give the keys anew", (await gateway.RefusedAsync(again)).Message, StringComparison.Ordinal);
            return;
        }
        await gateway.ChangeAsync(again);
        Assert.Empty((await gateway.ProviderAsync("groq")).GetProperty("keys").EnumerateArray());
    }

    private async Task<string> TableAsync()
    {
        await using var source = NpgsqlDataSource.Create(Database);
        await using var connection = await source.OpenConnectionAsync();
        await using var command = new NpgsqlCommand(
            "select string_agg(row::text, ' ') from (select settings::text as row from settings union all select audit_entries::text "
                + "from audit_entries) as rows", connection);
        return (string)(await command.ExecuteScalarAsync())!;
    }
}
