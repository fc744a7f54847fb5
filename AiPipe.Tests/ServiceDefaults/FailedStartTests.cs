using System.Net;
using System.Net.Sockets;
using AiPipe.ServiceDefaults;
using AiPipe.Tests.Fixtures;
using Microsoft.AspNetCore.Builder;

namespace AiPipe.Tests.ServiceDefaults;

/// <summary>A service that cannot start reports the reason in one line on standard error, and exits with 1.</summary>
public sealed class FailedStartTests(PostgresFixture postgres)
{
    private const string Nowhere = "Host=127.0.0.1;Port=1;Username=u;Password=p;Database=d";

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("changeme")]
    [InlineData("Secret")]
    public async Task Production_rejects_a_missing_or_guessable_secret(string? secret)
    {
        await using var proxy = ServiceProcess.StartProxy(new() { ["AIPIPE_SECRET"] = secret, ["ConnectionStrings__aipipe"] = Nowhere });
        await AssertLineAsync(proxy, "AIPIPE_SECRET is ");
    }

    [Fact]
    public async Task A_wrong_address_is_reported_with_its_setting()
    {
        await using var proxy = ServiceProcess.StartProxy(new()
        {
            ["AIPIPE_SECRET"] = Gateway.Secret,
            ["ConnectionStrings__aipipe"] = Nowhere,
            ["ASPNETCORE_URLS"] = "http://localhost:99999",
        });
        await AssertLineAsync(proxy, "--urls or ASPNETCORE_URLS names http://localhost:99999");
    }

    [Theory]
    [InlineData("ASPNETCORE_URLS", "http://localhost:99999", "--urls or ASPNETCORE_URLS names http://localhost:99999")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4317", "OTEL_EXPORTER_OTLP_ENDPOINT is not an http(s) URL")]
    [InlineData("ConnectionStrings__aipipe", "Host=localhost;Pasword=hunter2", "ConnectionStrings:aipipe is not a connection string of a ")]
    [InlineData("services__proxy__http__0", null, "services:proxy:http:0 is missing. Set services__proxy__http__0 to the address of the ")]
    [InlineData("services__proxy__http__0", "ftp://u:hunter2@proxy", "services:proxy:http:0 is not an http(s) address. Write it like ")]
    public async Task Portal_names_the_wrong_setting(string variable, string? value, string beginning)
    {
        Dictionary<string, string?> environment = new() { ["services__proxy__http__0"] = "http://proxy:8080", [variable] = value };
        await using var portal = ServiceProcess.StartPortal(environment);
        Assert.DoesNotContain("hunter2", await AssertLineAsync(portal, beginning), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("urls", "localhost:8787", false)]
    [InlineData("urls", "ftp://localhost:8787", false)]
    [InlineData("urls", "http://localhost:8787;http://localhost:-1", false)]
    [InlineData("urls", "http://localhost:80a", false)]
    [InlineData("urls", "http://localhost:0;https://[::]:65535;http://[::1]", true)]
    [InlineData("urls", "http://+:80;http://unix:/tmp/aipipe.sock", true)]
    [InlineData("http_ports", "8080;8081", true)]
    [InlineData("http_ports", "8080;80a", false)]
    [InlineData("https_ports", "65536", false)]
    public void Each_address_and_port_is_checked(string setting, string value, bool isRight)
    {
        var wrong = Record.Exception(() => WebApplication.CreateSlimBuilder([$"--{setting}", value]).CheckListenAddress());
        Assert.Equal(isRight, wrong is null);
        var beginning = $"--{setting} or ASPNETCORE_{setting.ToUpperInvariant()} names ";
        if (wrong is not null) Assert.StartsWith(beginning, wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("proxy")]
    [InlineData("portal")]
    public async Task A_port_in_use_is_reported_in_one_line_with_a_remedy(string service)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var address = $"http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}";
        using var folder = new AppHost.TemporaryFolder();
        Dictionary<string, string?> environment = new()
        {
            ["AIPIPE_SECRET"] = Gateway.Secret,
            ["AIPIPE_DATA"] = folder.Path,
            ["ConnectionStrings__aipipe"] = await postgres.NewDatabaseAsync(),
            ["services__proxy__http__0"] = "http://127.0.0.1:1",
            ["ASPNETCORE_URLS"] = address,
            // ServiceProcess sets this level to find the address; operators do not.
            ["Logging__LogLevel__Microsoft.Hosting.Lifetime"] = null,
        };
        await using var process = service == "proxy" ? ServiceProcess.StartProxy(environment) : ServiceProcess.StartPortal(environment);
        var line = await AssertLineAsync(process, "");
        Assert.Contains(address, line, StringComparison.Ordinal);
        Assert.Contains("--urls", line, StringComparison.Ordinal);
    }

    private static async Task<string> AssertLineAsync(ServiceProcess process, string beginning)
    {
        Assert.Equal(1, await process.ExitAsync());
        var line = Assert.Single(process.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("AiPipe cannot start: " + beginning, line, StringComparison.Ordinal);
        Assert.Equal(process.Errors, process.Output);
        return line;
    }
}
