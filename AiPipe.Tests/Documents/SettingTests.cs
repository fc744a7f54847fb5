using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Microsoft.Extensions.Configuration;

namespace AiPipe.Tests.Documents;

/// <summary>The settings that the documents name exist: an unknown one stops the start.</summary>
public sealed partial class SettingTests(PostgresFixture postgres)
{
    private const string Beginning = "{ \"AiPipe\"";

    [Fact]
    public async Task Configuration_files_in_the_documents_start_the_gateway()
    {
        var files = Document.All.SelectMany(static document => document.Blocks("json"))
            .Where(static json => json.StartsWith(Beginning, StringComparison.Ordinal)).ToList();
        Assert.Equal(6, files.Count);

        var database = await postgres.NewDatabaseAsync();
        var folder = Directory.CreateTempSubdirectory("aipipe-documents-");
        foreach (var json in files)
        {
            var file = Path.Combine(folder.FullName, "aipipe.json");
            await File.WriteAllTextAsync(file, json);
            await using var gateway = Proxy.Program.Build(["--AIPIPE_CONFIG", file], builder =>
            {
                builder.AddLogLines(new LogLines());
                builder.Configuration.AddInMemoryCollection(
                [
                    new("urls", "http://127.0.0.1:0"), new("ConnectionStrings:aipipe", database), new("AIPIPE_SECRET", Gateway.Secret),
                    new("AIPIPE_DATA", folder.FullName), new("AiPipe:Ledger:Folder", Path.Combine(folder.FullName, "journal")),
                    // The team of an example, whose members are not part of it.
                    new("AiPipe:Teams:physics:Members:0", Gateway.Ann),
                ]);
            });
            await gateway.StartAsync();
            await gateway.StopAsync();
        }
        folder.Delete(recursive: true);
    }

    [Fact]
    public void Settings_in_tables_are_in_the_complete_example()
    {
        var example = JsonNode.Parse(
            Document.Operate.Blocks("json").First(static json => json.StartsWith(Beginning, StringComparison.Ordinal)))!;
        var named = Document.All.SelectMany(static document => Names().Matches(document.Text)).Select(static match => match.Value)
            .Distinct().ToList();

        Assert.True(named.Count > 20);
        Assert.DoesNotContain(named, name => Find(example, name) is null);
    }

    private static JsonNode? Find(JsonNode example, string name) =>
        name.Split(':').Aggregate((JsonNode?)example, static (node, part) => (node as JsonObject)?[part]);

    [GeneratedRegex("AiPipe(?::[A-Z][A-Za-z]+)+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Names();
}
