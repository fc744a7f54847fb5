using System.Text.Json;
using System.Text.RegularExpressions;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Telemetry;

/// <summary><c>deploy/grafana.json</c> against the metrics of a gateway that has served calls.</summary>
[Collection(nameof(ObservedGateway))]
public sealed partial class GrafanaDashboardTests(ObservedGateway gateway)
{
    private static readonly JsonElement Dashboard =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "deploy", "grafana.json"))).RootElement;

    private static IEnumerable<JsonElement> Panels => Dashboard.GetProperty("panels").EnumerateArray();

    [Fact]
    public async Task Every_metric_in_its_queries_exists()
    {
        gateway.Provider.Answer = static (http, _) => Answers.ChatStream(http, 10, 5, "Hello");
        await gateway.ScrapeAsync();
        foreach (var model in (string[])["gpt-4o-mini", "unpriced"])
        {
            await gateway.CallAsync(GatewayProcess.Post(
                "gail@example.com", $$"""{"model":"{{model}}","stream":true,"messages":[{"role":"user","content":"Hi"}]}"""));
        }
        await Eventually.TrueAsync(
            async () => Names(await gateway.ScrapeAsync()).Contains("aipipe_ledger_write_duration_seconds_bucket"), "a group write");

        var exported = Names(await gateway.ScrapeAsync());
        var queried = Panels.SelectMany(Queries).SelectMany(static query => Metric().Matches(query))
            .Select(static match => match.Value).ToHashSet();
        Assert.Empty(queried.Except(exported));
        Assert.Superset(
            new HashSet<string>
            {
                "aipipe_cost_total", "gen_ai_client_token_usage_sum", "gen_ai_client_operation_duration_seconds_bucket",
                "aipipe_refusals_total", "aipipe_reservations", "aipipe_ledger_pending", "aipipe_dependency_unavailable",
            }, queried);
    }

    [Fact]
    public void Its_data_source_is_a_variable_and_every_panel_has_a_query()
    {
        var variable = Dashboard.GetProperty("templating").GetProperty("list").EnumerateArray().First();
        Assert.Equal(("datasource", "prometheus"), (variable.GetProperty("type").GetString(), variable.GetProperty("query").GetString()));
        Assert.All(Panels, static panel =>
        {
            Assert.NotEmpty(Queries(panel));
            Assert.Equal("${datasource}", panel.GetProperty("datasource").GetProperty("uid").GetString());
        });
    }

    private static IEnumerable<string> Queries(JsonElement panel) =>
        panel.GetProperty("targets").EnumerateArray().Select(static target => target.GetProperty("expr").GetString()!);

    private static HashSet<string> Names(string text) =>
        [.. text.Split('\n').Where(static line => line.Length > 0 && line[0] != '#').Select(static line => line.Split('{', ' ')[0])];

    /// <summary>Finds the names of metrics, which in these queries are always followed by a selector.</summary>
    [GeneratedRegex(@"[a-z_]+(?=\{)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Metric();
}
