using System.Net;
using System.Net.Sockets;
using AiPipe.Proxy.Edge;
using AiPipe.Tests.Fixtures;
using Microsoft.AspNetCore.Builder;

namespace AiPipe.Tests.Edge;

/// <summary>A Proxy that cannot start says why in one line, and ends with exit code 1.</summary>
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
        Assert.Equal(1, await proxy.ExitAsync());
        Assert.StartsWith("AiPipe cannot start: AIPIPE_SECRET is ", Assert.Single(Lines(proxy)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_address_is_named_with_its_setting()
    {
        await using var proxy = ServiceProcess.StartProxy(new()
        {
            ["AIPIPE_SECRET"] = Gateway.Secret,
            ["ConnectionStrings__aipipe"] = Nowhere,
            ["ASPNETCORE_URLS"] = "http://localhost:99999",
        });
        Assert.Equal(1, await proxy.ExitAsync());
        const string Line = "AiPipe cannot start: --urls or ASPNETCORE_URLS names http://localhost:99999";
        Assert.StartsWith(Line, Assert.Single(Lines(proxy)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost:8787", false)]
    [InlineData("ftp://localhost:8787", false)]
    [InlineData("http://localhost:8787;http://localhost:-1", false)]
    [InlineData("http://localhost:0;https://[::]:65535", true)]
    [InlineData("http://+:80;http://unix:/tmp/aipipe.sock", true)]
    public void Each_address_is_checked(string urls, bool isRight)
    {
        var wrong = Record.Exception(() => WebApplication.CreateSlimBuilder(["--urls", urls]).CheckListenAddress());
        Assert.Equal(isRight, wrong is null);
    }

    [Fact]
    public async Task A_taken_port_is_one_line_with_the_way_to_another()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var address = $"http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}";
        using var folder = new AppHost.TemporaryFolder();
        await using var proxy = ServiceProcess.StartProxy(new()
        {
            ["AIPIPE_SECRET"] = Gateway.Secret,
            ["AIPIPE_DATA"] = folder.Path,
            ["ConnectionStrings__aipipe"] = await postgres.NewDatabaseAsync(),
            ["ASPNETCORE_URLS"] = address,
            // As it is without a test that waits for the address.
            ["Logging__LogLevel__Microsoft.Hosting.Lifetime"] = null,
        });
        Assert.Equal(1, await proxy.ExitAsync());
        var line = Assert.Single(Lines(proxy));
        Assert.StartsWith("AiPipe cannot start: ", line, StringComparison.Ordinal);
        Assert.Contains(address, line, StringComparison.Ordinal);
        Assert.Contains("--urls", line, StringComparison.Ordinal);
    }

    private static string[] Lines(ServiceProcess process) =>
        process.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
