using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;

namespace AiPipe.Tests.Settings;

/// <summary>Documents that nobody would think of, by the hundred.</summary>
public sealed class HostileSettingsTests(PostgresFixture postgres) : GatewayTest(postgres)
{
    private static readonly string[] Names =
        ["*", "@example.com", "ann@example.com", "Together", "HoldShare", "openai", "geminiv1beta", "mine", "__proto__", "constructor",
            "a:b:c", "vendor/model:free",
         "https://app.example:8443", "ſtrange@example.com", "STRANGE@example.com", "\u212Aelvin@example.com", "Models", "Providers", "Keys",
             "", " ", "..", "%00", "\uD83D\uDE00", "0", "1e9", "null"];
    private static readonly string[] Fields =
        ["Limit", "limit", "Days", "Period", "Models", "Providers", "Apps", "Keys", "BaseUrl", "Dialect", "AllowsByok", "Members", "Input",
            "Output", "Free", "RequestsPerMinute", "TokensPerMinute", "*", "Teams", "gpt-4o", "0", "__proto__", ":", "a:b", "Path",
            "Targets", "Header", "Provider", "Model", "Upstream"];
    private static readonly string[] Sections =
        ["Budgets", "budgets", "Salts", "Roles", "Teams", "RateLimits", "Providers", "Prices", "Routes", "Ledger", ""];
    private static readonly string[] Leaves =
        ["1", "0", "-1", "7", "0.5", "1e-99999", "1e99999", "123456789012345678901234567890", "true", "false", "null", "\"\"", "\"month\"",
            "\"teacher\"", "\"admin\"", "\"https://a.example\"",
         "\"…\"", "\"sk-…abcd\"", "\"sk-0123456789abcdef\"", "\"\\u0000\"", "\"\\ud800\"", "\"ann@example.com\"", "[]", "{}", "\"\uFEFF\"",
             "\"a\\nb\""];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whatever_is_sent_is_either_made_whole_or_refused(int seed)
    {
        var random = new Random(seed);
        var (made, changes) = (0, 0);
        var before = await Gateway.SettingsAsync();
        for (var i = 0; i < 150; i++)
        {
            var body = $$"""{ "path": {{Path(random)}}{{(random.Next(8) == 0 ? "" : $", \"value\": {Value(random, 3)}")}} }""";
            using var response = await Gateway.SendAsync(HttpMethod.Post, "/admin/settings", Gateway.Token(SettingsClient.Admin), body);
            var after = await Gateway.SettingsAsync();

            Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.BadRequest,
                $"{response.StatusCode} for {body}: {await response.Content.ReadAsStringAsync()}");
            var differing = Differing(before, after);
            if (response.StatusCode == HttpStatusCode.BadRequest) Assert.True(
                differing.Count == 0, $"{body} was refused and changed {string.Join(", ", differing)}");
            Assert.True(differing.Count <= 1, $"{body} changed {string.Join(", ", differing)}");
            Assert.Empty(after.GetProperty("passed_over").EnumerateArray());
            (made, changes) = (made + (response.StatusCode == HttpStatusCode.OK ? 1 : 0), changes + differing.Count);
            before = after;
        }
        Assert.True(made > 5 && changes > 0, $"Only {made} of them were right, and {changes} changed anything: nothing was tried.");

        // A start from the table ends where the changes did.
        await using var late =
            await Gateway.StartAsync(Database, settings => settings["AiPipe:Providers:openai:BaseUrl"] = Provider.Address);
        Assert.DoesNotContain(late.Logs.Lines, line => line.Contains("Ignoring an invalid setting", StringComparison.Ordinal));
        Assert.Equal(await Gateway.LimitAsync("zoe@example.com"), await late.LimitAsync("zoe@example.com"));
    }

    private static List<string> Differing(JsonElement before, JsonElement after)
    {
        var (was, becomes) = (Entries(before), Entries(after));
        return [.. was.Keys.Union(becomes.Keys, StringComparer.Ordinal)
            .Where(key => was.GetValueOrDefault(key) != becomes.GetValueOrDefault(key))];
    }

    private static Dictionary<string, string> Entries(JsonElement list) => list.GetProperty("sections").EnumerateObject()
        .SelectMany(section =>
            section.Value.EnumerateArray()
            .Select(entry => (Key: $"{section.Name}/{entry.Text("name")}".ToLowerInvariant(), Text: entry.ToString())))
        .ToDictionary(entry => entry.Key, entry => entry.Text, StringComparer.Ordinal);

    private static string Path(Random random)
    {
        var section = Sections[random.Next(Sections.Length)];
        var names = Enumerable.Range(0, random.Next(12) == 0 ? random.Next(5) : section == "Prices" ? 2 : 1)
            .Select(_ => Names[random.Next(Names.Length)]);
        return new JsonArray([section, .. names.Select(name => (JsonNode)name)]).ToJsonString();
    }

    private static string Value(Random random, int depth) => random.Next(10) switch
    {
        0 => Leaves[random.Next(Leaves.Length)],
        1 => """{ "Limit": 2, "Days": 3 }""",
        2 => """{ "Input": 1, "Output": 2 }""",
        3 => """{ "RequestsPerMinute": 1000 }""",
        4 => """{ "BaseUrl": "https://a.example", "Keys": ["sk-0123456789abcdef", "k"] }""",
        5 => """{ "Members": ["ann@example.com", "@school.example"] }""",
        6 => random.Next(2) == 0 ? "\"teacher\"" : """{ "Path": "/a", "Targets": [{ "Provider": "openai", "Model": "m", "Header": { "k": "sk-0123456789abcdef" } }] }""",
        _ when depth == 0 => Leaves[random.Next(Leaves.Length)],
        7 => $"[{string.Join(',', Enumerable.Range(0, random.Next(3)).Select(_ => Value(random, depth - 1)))}]",
        _ => $"{{{string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => $"{JsonSerializer.Serialize(Fields[random.Next(Fields.Length)])}: {Value(random, depth - 1)}"))}}}",
    };
}
