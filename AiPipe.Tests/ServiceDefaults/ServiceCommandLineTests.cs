using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using AiPipe.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace AiPipe.Tests.ServiceDefaults;

/// <summary>Which arguments are settings and which are a command, and the command <c>health</c> of every service.</summary>
public sealed class ServiceCommandLineTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", null)]
    [InlineData("--urls=http://localhost:0", null)]
    [InlineData("--urls http://localhost:0 /Portal:Keys keys AIPIPE_DATA=data", null)]
    [InlineData("--AiPipe:AcceptOwnKeys --odd --urls http://localhost:0", null)]
    [InlineData("helth", "helth")]
    [InlineData("--urls http://localhost:0 helth", "helth")]
    [InlineData("--urls=http://localhost:0 helth --address http://localhost:0", "helth")]
    [InlineData("-urls http://localhost:0", "-urls")]
    [InlineData("--urls", "--urls")]
    [InlineData("--help health", "--help")]
    [InlineData("-h", "-h")]
    public void Argument_that_configuration_would_ignore_is_a_command(string arguments, string? command)
    {
        string[] args = arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(command, ServiceCommandLine.FindCommand(args));
        var settings = new ConfigurationBuilder().AddCommandLine(args).Build().AsEnumerable().Select(static setting => setting.Value);
        if (command is not (null or "--help")) Assert.DoesNotContain(command, settings);
    }

    [Theory]
    [InlineData("helth", 1, "\"helth\" is neither a command (health) nor a setting")]
    [InlineData("health --address", 1, "Required argument missing for option: '--address'")]
    [InlineData("health --address ftp://x", 1, "--address ftp://x is not an http(s) address: write it like http://localhost:8787.")]
    [InlineData("--help", 0, "")]
    public async Task Wrong_command_is_reported_in_one_line(string arguments, int expected, string beginning)
    {
        var (exitCode, _, errors) = await RunAsync(arguments);
        Assert.Equal(expected, exitCode);
        Assert.StartsWith(beginning, errors, StringComparison.Ordinal);
        Assert.Equal(expected, errors.Trim().Length == 0 ? 0 : errors.Trim().Split('\n').Length);
    }

    [Theory]
    [InlineData(StatusCodes.Status200OK, 0)]
    [InlineData(StatusCodes.Status503ServiceUnavailable, 1)]
    public async Task Exit_code_of_health_depends_on_the_response(int status, int expected)
    {
        string[] settings = ["--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default", "None"];
        await using var app = WebApplication.CreateSlimBuilder(settings).Build();
        app.MapGet("/health", () => Results.Text("Said", statusCode: status));
        await app.StartAsync(Cancellation);
        Assert.Equal((expected, "Said\n", ""), await RunAsync($"health --address {app.Urls.Single()}"));
    }

    [Fact]
    public async Task Service_that_does_not_listen_or_respond_is_not_healthy()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var address = $"http://{silent.LocalEndpoint}/";
        var timeout = $"health failed: {address} did not respond within 3 seconds.\n";
        Assert.Equal((1, "", timeout), await RunAsync($"health --address {address}"));
        silent.Stop();
        var (exitCode, _, errors) = await RunAsync($"health --address {address}");
        Assert.Equal(1, exitCode);
        Assert.StartsWith("health failed: Connection refused", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("urls", "https://+:8443;http://+:8080", "http://127.0.0.1:8080/")]
    [InlineData("urls", "http://[::]:8080", "http://[::1]:8080/")]
    [InlineData("urls", "http://localhost:8787", "http://localhost:8787/")]
    [InlineData("http_ports", "8080;8081", "http://127.0.0.1:8080/")]
    [InlineData("urls", "", "http://localhost:5000/")]
    public void Health_request_goes_to_the_address_that_the_service_listens_on(string setting, string value, string expected)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new(setting, value)]).Build();
        Assert.Equal(expected, ListenAddress.FindLocal(configuration).AbsoluteUri);
    }

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var errors = new StringWriter { NewLine = "\n" };
        var args = arguments.Split(' ');
        var root = new RootCommand { HealthCommand.Create() };
        var command = ServiceCommandLine.FindCommand(args)!;
        var exitCode = await ServiceCommandLine.RunAsync(root, args, command, new() { Output = output, Error = errors });
        return (exitCode, output.ToString(), errors.ToString());
    }
}
