using System.Globalization;
using System.Net;
using System.Text.Json;
using AiPipe.Proxy.Compatibility.Apisix;
using AiPipe.Proxy.Routing;
using AiPipe.Proxy.Settings;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Settings;
using AiPipe.Tests.Support;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Options;
using Npgsql;
using static AiPipe.Tests.Compatibility.Apisix.ApisixClient;

namespace AiPipe.Tests.Compatibility.Apisix;

/// <summary>
/// Routes that nobody would write, by the thousand: they are made whole or not at all, and no secret in them is told to anybody.
/// </summary>
public sealed class HostileRouteTests(PostgresFixture postgres) : GatewayTest(postgres)
{
    private static readonly SettingSecrets Secrets = new(new byte[32]);

    private readonly Dictionary<HttpStatusCode, int> _statuses = [];

    protected override void Configure(Dictionary<string, string?> settings) => settings["ADMIN_API_KEY"] = Key;

    [Fact]
    public void Whatever_is_read_or_refused_tells_no_secret_of_it()
    {
        var (read, refused) = (0, 0);
        Fresh.Check(Config.QuickThrowOnFailure.WithMaxTest(10_000), Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            JsonDocument parsed;
            try
            {
                parsed = JsonDocument.Parse(RouteMutations.Create(seed), ApisixEndpoints.Strict);
            }
            // What the endpoint says of these is the same for all.
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                return true;
            }
            using (parsed)
            {
                var (document, problem) = ApisixReader.Read(parsed.RootElement, "1");
                if (document is null)
                {
                    refused++;
                    Assert.InRange(problem!.Length, 1, 1000);
                    AssertSafe(problem);
                    return true;
                }
                read++;
                var path = SettingPath.OfFile(SettingPath.Routes, "1")!;
                var settings = SettingDocument.Read(path.Parent, path.Name, JsonElement.Parse(document.ToJsonString()));
                var masked = SettingSecrets.Mask(path, settings);
                AssertSafe(SettingDocument.ToJson(masked)!.ToJsonString());
                AssertSafe(ApisixWriter.Entry("1", masked).ToJsonString());
                AssertSafe(SettingDocument.ToJson(Secrets.Show(path, settings))!.ToJsonString());
                AssertSafe(ProblemOf(new StoredSecrets(path, document: null, others: null, Secrets), settings));
                AssertSafe(RouteReader.ReadOne(settings).Targets[0].ToString());
                return true;
            }
        }), () => read > 500 && refused > 2000, () =>
            string.Create(CultureInfo.InvariantCulture, $"{read} were right and {refused} were wrong"));
    }

    [Theory]
    [InlineData(1_000)]
    [InlineData(2_000)]
    [InlineData(3_000)]
    public async Task Whatever_is_sent_is_made_whole_or_changes_nothing(int first)
    {
        using (var made = await Gateway.ApisixAsync(HttpMethod.Put, "/1", Printed)) Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var before = await HeldAsync();
        for (var seed = first; seed < first + 120; seed++)
        {
            var method = seed % 2 == 0 ? HttpMethod.Put : HttpMethod.Patch;
            var json = seed == first + 60
                ? $"{{\"{RouteMutations.Secret}\":\"{new string('x', 300_000)}\"}}"
                : RouteMutations.Create(seed, isWhole: method == HttpMethod.Put);
            using var response = await Gateway.ApisixAsync(method, "/1", json);
            var answer = await response.Content.ReadAsStringAsync();
            var after = await HeldAsync();

            _statuses[response.StatusCode] = _statuses.GetValueOrDefault(response.StatusCode) + 1;
            var which = string.Create(
                CultureInfo.InvariantCulture, $"{method} of seed {seed}: {(int)response.StatusCode} {answer}\n{json}");
            Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge,
                which);
            Assert.True(IsSafe(answer) && IsSafe(after.Listed) && IsSafe(after.Row), which);
            if (!response.IsSuccessStatusCode) Assert.True(before == after, $"{which}\nbefore: {before}\nafter: {after}");
            before = after;
        }
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.BadRequest, HttpStatusCode.RequestEntityTooLarge], _statuses.Keys.Order());
        Assert.True(_statuses[HttpStatusCode.OK] >= 10,
            string.Create(CultureInfo.InvariantCulture, $"Only {_statuses[HttpStatusCode.OK]} were right: not much was tried."));

        using var list = await Gateway.ApisixAsync(HttpMethod.Get, "");
        string[] told = [await list.Content.ReadAsStringAsync(), JsonSerializer.Serialize(await Gateway.AuditAsync()),
            (await Gateway.SettingsAsync()).ToString(), .. Gateway.Logs.Lines];
        Assert.All(told, text => Assert.True(IsSafe(text), string.Create(CultureInfo.InvariantCulture, $"From seed {first} on: {text}")));
    }

    private static void AssertSafe(string text) => Assert.True(IsSafe(text), text);

    private static bool IsSafe(string text) =>
        !text.Contains(RouteMutations.Secret, StringComparison.OrdinalIgnoreCase)
        && !text.Contains(RouteMutations.Number, StringComparison.Ordinal);

    private static string ProblemOf(StoredSecrets stored, SettingNode document)
    {
        try
        {
            stored.Resolve(document);
            return "";
        }
        catch (OptionsValidationException e)
        {
            return e.Message;
        }
    }

    /// <summary>The route as it is read, as calls take it, and as it is kept.</summary>
    private async Task<(string Listed, string Obeyed, string Row)> HeldAsync()
    {
        using var read = await Gateway.ApisixAsync(HttpMethod.Get, "/1");
        Assert.Equal(HttpStatusCode.OK, read.StatusCode);
        var book = (RouteTable)Gateway.Services.GetService(typeof(RouteTable))!;
        await using var source = NpgsqlDataSource.Create(Database);
        await using var connection = await source.OpenConnectionAsync();
        await using var command =
            new NpgsqlCommand("select string_agg(key || value::text || version, ' ' order by key) from settings", connection);
        return (await read.Content.ReadAsStringAsync(), JsonSerializer.Serialize(book.All), (string)(await command.ExecuteScalarAsync())!);
    }
}
