using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using AiPipe.AppHost.Hosting;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Npgsql;

namespace AiPipe.Tests.Deployment;

/// <summary>
/// The proxy as it is published into a container image: read-only application files, an unprivileged user, one writable folder. Without a
/// container engine and a registry the image itself (base layer, entry point's metadata) cannot be built or run here.
/// </summary>
public sealed class PublishedProxyTests(PostgresFixture postgres) : IDisposable
{
    private const string Unprivileged = "65534";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("aipipe-publish-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Published_proxy_serves_as_an_unprivileged_user_from_read_only_files_and_ends_in_order()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("setpriv and file modes are Linux's.");
            return;
        }
        var application = Path.Combine(_folder.FullName, "app");
        await RunAsync("dotnet", "publish", Path.Combine(ComposeTests.SourceFolder(), "AiPipe.Proxy"), "-c", "Release", "--no-build", "-o", application, "-v", "quiet", "--nologo");
        await RunAsync("chmod", "-R", "a-w,a+rX", application);
        var data = _folder.CreateSubdirectory("data").FullName;
        _folder.UnixFileMode |= UnixFileMode.OtherExecute | UnixFileMode.OtherRead;
        if (Environment.IsPrivilegedProcess) await RunAsync("chown", Unprivileged, data);

        var port = ServerPorts.Take();
        string[] command = ["dotnet", Path.Combine(application, "AiPipe.Proxy.dll")];
        if (Environment.IsPrivilegedProcess) command = ["setpriv", $"--reuid={Unprivileged}", $"--regid={Unprivileged}", "--clear-groups", "--no-new-privs", "--", .. command];
        var start = new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = application };
        var database = new NpgsqlConnectionStringBuilder(await postgres.NewDatabaseAsync());
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["ConnectionStrings__aipipe"] = database.ConnectionString,
            ["AIPIPE_SECRET"] = Gateway.Secret,
            ["AIPIPE_DATA"] = data,
            ["ASPNETCORE_HTTP_PORTS"] = port.ToString(CultureInfo.InvariantCulture),
            ["HOME"] = data,
        }) start.Environment[name] = value;
        using var proxy = Process.Start(start)!;
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        await Eventually.TrueAsync(async () => await IsHealthyAsync(http), "the proxy healthy");
        Assert.True((await ExternalProgram.RunAsync("dotnet", [Path.Combine(application, "AiPipe.Proxy.dll"), "health", "--address", $"http://127.0.0.1:{port}"],
            cancellationToken: Cancellation)).Succeeded);

        http.DefaultRequestHeaders.Authorization = new("Bearer", Tokens.Sign("ann@example.com", Gateway.Secret));
        using var response = await http.PostAsJsonAsync("/demo/v1/chat/completions", new { model = "demo", messages = new[] { new { role = "user", content = "Hello" } } }, Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.NotEqual("0", response.Headers.GetValues("cost").Single());

        await RunAsync("kill", "-TERM", proxy.Id.ToString(CultureInfo.InvariantCulture));
        await proxy.WaitForExitAsync(Cancellation);
        Assert.Equal(0, proxy.ExitCode);
    }

    [Theory]
    [InlineData("AiPipe.Proxy", "aipipe-proxy")]
    [InlineData("AiPipe.Portal", "aipipe-portal")]
    public async Task Image_has_the_name_that_compose_uses_and_a_base_without_a_shell(string project, string repository)
    {
        var result = await ExternalProgram.RunAsync("dotnet",
            ["msbuild", Path.Combine(ComposeTests.SourceFolder(), project), "-getProperty:ContainerRepository", "-getProperty:ContainerFamily"],
            inheritEnvironment: true, cancellationToken: Cancellation);
        Assert.Contains($"\"ContainerRepository\": \"{repository}\"", result.Output, StringComparison.Ordinal);
        Assert.Contains("\"ContainerFamily\": \"noble-chiseled\"", result.Output, StringComparison.Ordinal);
    }

    private static async Task<bool> IsHealthyAsync(HttpClient http)
    {
        try
        {
            using var response = await http.GetAsync("/health", Cancellation);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        var result = await ExternalProgram.RunAsync(program, arguments, inheritEnvironment: true, cancellationToken: Cancellation);
        Assert.True(result.Succeeded, $"{program}: {result.LastLine}");
    }
}
