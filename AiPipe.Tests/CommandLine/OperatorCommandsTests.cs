using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using AiPipe.Tests.Fixtures;

namespace AiPipe.Tests.CommandLine;

/// <summary>The operator commands of the Proxy's program, with the database of a running gateway.</summary>
public sealed class OperatorCommandsTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const string Admin = "admin@example.com";
    private string _database = "";
    private Gateway _gateway = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await postgres.NewDatabaseAsync();
        _gateway = await Gateway.StartAsync(_database);
    }

    public ValueTask DisposeAsync() => _gateway.DisposeAsync();

    [Fact]
    public async Task Sign_in_link_works_once_for_the_named_person_or_the_first_administrator()
    {
        foreach (var (arguments, email) in new (string[], string)[] { ([], Admin), (["Ann@Example.com"], "ann@example.com") })
        {
            string[] command = ["sign-in-link", .. arguments, "--address", "https://aipipe.example.com/"];
            var (exitCode, output) = await RunAsync("Production", command);
            Assert.Equal(0, exitCode);
            Assert.Matches("^https://aipipe\\.example\\.com/login\\?link=[A-Za-z0-9_-]{43}\n$", output);
            using var first = await RedeemAsync(output);
            Assert.Equal(email, (await first.Content.ReadFromJsonAsync<Dictionary<string, object>>(Cancellation))!["email"].ToString());
            using var second = await RedeemAsync(output);
            Assert.Equal(HttpStatusCode.Unauthorized, second.StatusCode);
        }
    }

    [Fact]
    public async Task Welcome_shows_a_link_until_the_administrator_has_signed_in_and_a_token_in_Development_only()
    {
        var (_, production) = await RunAsync("Production", ["welcome"]);
        Assert.Contains("/login?link=", production, StringComparison.Ordinal);
        Assert.DoesNotContain("AIPIPE_TOKEN=", production, StringComparison.Ordinal);
        var (_, development) = await RunAsync("Development", ["welcome"]);
        Assert.Contains("AIPIPE_TOKEN=", development, StringComparison.Ordinal);
        Assert.DoesNotContain(Gateway.ProviderKey, development, StringComparison.Ordinal);

        (await RedeemAsync(production.Split('\n').Single(line => line.Contains("/login?link=", StringComparison.Ordinal)))).Dispose();
        var (_, afterwards) = await RunAsync("Development", ["welcome"]);
        Assert.Contains($"Admin       {Admin}\n", afterwards, StringComparison.Ordinal);
        Assert.DoesNotContain("link=", afterwards, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sign-in-link", " ", "sign-in-link failed: \" \" is not an e-mail address or user name.\n")]
    [InlineData("sign-in-link", "--address=ftp://x", "--address ftp://x is not an http(s) address: write it like http://localhost:8787.")]
    [InlineData("demo-traffic", "--calls=0", "--calls 0 must be a number from 1 to 500.")]
    public async Task Wrong_argument_is_reported_in_one_line(string command, string argument, string expected)
    {
        var (exitCode, output) = await RunAsync("Production", [command, argument]);
        Assert.Equal(1, exitCode);
        Assert.StartsWith(expected, output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Misspelt_command_is_an_error_that_lists_the_commands()
    {
        var (exitCode, output) = await RunAsync("Production", ["sign-in-lnk", "ann@example.com"]);
        Assert.Equal(1, exitCode);
        Assert.Equal("\"sign-in-lnk\" is neither a command (sign-in-link, welcome, demo-traffic, health) nor a setting (--Key=value). "
            + "--help describes the commands.\n", output);
    }

    private Task<HttpResponseMessage> RedeemAsync(string line) =>
        _gateway.Http.PostAsJsonAsync("/token", new { link = line.Trim().Split("link=")[1] }, Cancellation);

    private async Task<(int ExitCode, string Output)> RunAsync(string environment, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Proxy.Program).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = environment;
        start.Environment["ConnectionStrings__aipipe"] = _database;
        start.Environment["AIPIPE_SECRET"] = Gateway.Secret;
        start.Environment["AIPIPE_DATA"] = Scratch.NewFolder("gateway");
        start.Environment["ADMIN_EMAILS"] = Admin;
        start.Environment["OPENAI_API_KEY"] = Gateway.ProviderKey;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(Cancellation);
        var errors = process.StandardError.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        return (process.ExitCode, await output + await errors);
    }
}
