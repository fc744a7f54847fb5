using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Scenarios;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Documents;

/// <summary>
/// The <c>curl</c> commands of the documents, run as they are printed by an administrator. Those that start, publish or deploy AiPipe are
/// tested in <c>AppHost</c> and <c>Deployment</c>.
/// </summary>
public sealed class CommandTests(PostgresFixture postgres, SharedGateway shared) : GatewayTest(postgres, shared),
    IClassFixture<SharedGateway>
{
    private const string Admin = "admin@example.com";
    private const string AdminKey = "0f8f2c6a54d14e6c9d1d8a2b7c3e5f60";

    private const string AccessToken = "k3Vt9wQx2m";

    [Theory]
    [InlineData("README.md", 2)]
    [InlineData("docs/use.md", 5)]
    [InlineData("docs/teach.md", 3)]
    [InlineData("docs/operate.md", 3)]
    [InlineData("docs/migrate.md", 10)]
    public async Task Commands_work_as_they_are_printed(string path, int commands)
    {
        using var shell = new Shell().Lead("localhost:8787", Gateway.Address).Lead("localhost:8080", Gateway.Address).FailOnErrors()
            .Export("GATEWAY", Gateway.Address).Export("AIPIPE_TOKEN", Gateway.Token(Admin)).Export("ADMIN_API_KEY", AdminKey)
                .Export("ACCESS_TOKEN", AccessToken)
            .Export("CLASS", await AddClassAsync());
        var blocks = new Document(path).Blocks("bash").Select(WithoutStarts)
            .Where(static block => block.Contains("curl", StringComparison.Ordinal)).ToList();

        Assert.Equal(commands, blocks.Sum(static block => block.Split("curl ").Length - 1));
        foreach (var block in blocks) await shell.RunAsync("set -e\n" + block);
    }

    private protected override Task<Gateway> StartAsync()
    {
        var clock = new TestClock();
        // Documents have dates.
        clock.MoveTo(new(2026, 12, 1, 12, 0, 0, TimeSpan.Zero));
        return Gateway.StartAsync(Database, Configure, clock);
    }

    protected override void Configure(Dictionary<string, string?> settings)
    {
        settings["ACCESS_TOKEN"] = AccessToken;
        settings["ADMIN_API_KEY"] = AdminKey;
        // Beside providers with keys, the demo provider is there only if it is named.
        settings["AiPipe:Providers:demo:AllowsByok"] = "false";
    }

    /// <summary>The commands that need a running gateway; the test has started one, and has the values that readers fill in.</summary>
    private static string WithoutStarts(string block) => string.Join('\n', block.Split('\n')
        .Where(static line => !line.Contains("dotnet ", StringComparison.Ordinal) && !line.Contains("=…", StringComparison.Ordinal)));

    private async Task<string> AddClassAsync()
    {
        using var request = Gateway.Post("/classes", """{"name":"Physics","starts_on":"2026-12-01","ends_on":"2026-12-31","limit":0.5}""", Gateway.Token(Admin));
        using var response = await Gateway.Http.SendAsync(request);
        return (await response.JsonAsync()).GetProperty("id").GetString()!;
    }
}
