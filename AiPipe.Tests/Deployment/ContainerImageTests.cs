using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using AiPipe.AppHost.Hosting;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Deployment;

/// <summary>
/// The container images that the SDK publishes. The tests run them without a container engine: the image's entry point, as the image's
/// user, from the image's read-only files, but with the .NET runtime of this machine instead of the base image's.
/// </summary>
public sealed partial class ContainerImageTests(PublishedImages images, PostgresFixture postgres)
    : IClassFixture<PublishedImages>, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("aipipe-image-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        if (OperatingSystem.IsLinux()) RunAsync("chmod", "-R", "u+w", _folder.FullName).GetAwaiter().GetResult();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("AiPipe.Proxy", "aipipe-proxy:latest", "AiPipe Proxy")]
    [InlineData("AiPipe.Portal", "aipipe-portal:latest", "AiPipe Portal")]
    public void Image_runs_one_program_as_an_unprivileged_user(string project, string tag, string title)
    {
        var image = images[project];
        Assert.Equal(tag, image.Tag);
        Assert.Equal(BaseImageRegistry.User, image.Configuration.User);
        Assert.Equal(["dotnet", $"/app/{project}.dll"], image.Configuration.Entrypoint);
        Assert.Null(image.Configuration.Cmd);
        Assert.Equal("/app/", image.Configuration.WorkingDir);
        Assert.Equal(["8080/tcp"], image.Configuration.ExposedPorts.Keys);
        Assert.Contains("ASPNETCORE_HTTP_PORTS=8080", image.Configuration.Env);
        var labels = image.Configuration.Labels;
        Assert.Equal(title, labels["org.opencontainers.image.title"]);
        Assert.Equal("MIT", labels["org.opencontainers.image.licenses"]);
        Assert.Equal("The AiPipe authors", labels["org.opencontainers.image.authors"]);
        Assert.NotEmpty(labels["org.opencontainers.image.description"]);
    }

    [Theory]
    [InlineData("AiPipe.Proxy")]
    [InlineData("AiPipe.Portal")]
    public void Image_has_only_the_program_and_no_variables_of_the_publisher(string project)
    {
        var image = images[project];
        Assert.All(image.Files, static file =>
        {
            Assert.Matches(Belongs(), file.Name);
            Assert.DoesNotMatch("Tests|AppHost|xunit|EntityFrameworkCore\\.Design", file.Name);
            Assert.True(file.Mode.HasFlag(UnixFileMode.OtherRead), $"{file.Name} is readable");
            Assert.False(file.Mode.HasFlag(UnixFileMode.OtherWrite), $"{file.Name} is not writable");
        });
        string[] names = [.. image.Files.Select(static file => file.Name)];
        Assert.Contains($"app/{project}.dll", names);
        Assert.Contains("app/LICENSE", names);
        Assert.Contains("app/NOTICE", names);
        Assert.DoesNotContain(PublishedImages.Canary, image.ConfigurationText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AiPipe.Proxy")]
    [InlineData("AiPipe.Portal")]
    public async Task Image_is_based_on_one_without_a_shell(string project)
    {
        var folder = Path.Combine(ComposeTests.SourceFolder(), project);
        var result = await ExternalProgram.RunAsync("dotnet",
            ["msbuild", folder, "-t:ComputeContainerBaseImage", "-getProperty:ContainerBaseImage"],
            inheritEnvironment: true, cancellationToken: Cancellation);
        Assert.Equal("mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled", result.Output.Trim());
    }

    [Fact]
    public async Task Images_serve_from_read_only_files_and_stop_without_an_error()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("setpriv and file modes need Linux.");
            return;
        }
        _folder.UnixFileMode |= UnixFileMode.OtherExecute | UnixFileMode.OtherRead;
        var data = _folder.CreateSubdirectory("data").FullName;
        if (Environment.IsPrivilegedProcess) await RunAsync("chown", BaseImageRegistry.User, data);
        var (proxyPort, portalPort) = (ServerPorts.Take(), ServerPorts.Take());
        Dictionary<string, string> shared = new()
        {
            ["ConnectionStrings__aipipe"] = await postgres.NewDatabaseAsync(),
            ["AIPIPE_SECRET"] = Gateway.Secret,
            ["HOME"] = data,
        };
        var proxy = await UnpackAsync(
            "AiPipe.Proxy", proxyPort, new(shared) { ["AIPIPE_DATA"] = data, ["services__portal__http__0"] = Local(portalPort) });
        var portal = await UnpackAsync("AiPipe.Portal", portalPort, new(shared) { ["services__proxy__http__0"] = Local(proxyPort) });
        await using var proxyProcess = proxy.Start();
        await using var portalProcess = portal.Start();
        await proxyProcess.AddressAsync();
        await portalProcess.AddressAsync();
        Assert.Equal("Healthy\n", await proxy.HealthAsync());
        Assert.Equal("Healthy\n", await portal.HealthAsync());

        using var http = new HttpClient { BaseAddress = new Uri(Local(proxyPort)) };
        Assert.Contains($"{Local(proxyPort)}/openai/v1", await http.GetStringAsync("/", Cancellation), StringComparison.Ordinal);
        http.DefaultRequestHeaders.Authorization = new("Bearer", Tokens.Sign("ann@example.com", Gateway.Secret));
        var call = new { model = "demo", messages = new[] { new { role = "user", content = "Hello" } } };
        using var response = await http.PostAsJsonAsync("/demo/v1/chat/completions", call, Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.NotEqual("0", response.Headers.GetValues("cost").Single());

        Assert.Equal(0, await portalProcess.StopAsync());
        Assert.Equal(0, await proxyProcess.StopAsync());
        Assert.Empty(proxyProcess.Errors + portalProcess.Errors);
    }

    /// <summary>Unpacks an image's files, makes them read-only, and adds the image's environment.</summary>
    private async Task<UnpackedImage> UnpackAsync(string project, int port, Dictionary<string, string> environment)
    {
        var image = images[project];
        var root = _folder.CreateSubdirectory(project).FullName;
        image.Unpack(root);
        await RunAsync("chmod", "-R", "a-w", root);
        foreach (var variable in image.Configuration.Env.Select(static variable => variable.Split('=', 2)))
        {
            // PATH stays this machine's, which has the .NET runtime.
            if (variable[0] != "PATH") environment.TryAdd(variable[0], variable[1]);
        }
        environment["ASPNETCORE_HTTP_PORTS"] = port.ToString(CultureInfo.InvariantCulture);
        return new UnpackedImage(image.Configuration, root, environment);
    }

    private static string Local(int port) => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");

    private static async Task RunAsync(string program, params string[] arguments)
    {
        var result = await ExternalProgram.RunAsync(program, arguments, cancellationToken: Cancellation);
        Assert.True(result.Succeeded, $"{program}: {result.LastLine}");
    }

    [GeneratedRegex(
        @"^app/((runtimes/[\w/.]+/)?[\w.]+\.dll|AiPipe\.(Proxy|Portal)(\.(deps|runtimeconfig)\.json)?"
        + @"|AiPipe\.(Contracts|Proxy|Portal|ServiceDefaults)\.pdb|appsettings\.json|LICENSE|NOTICE)$",
        RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Belongs();
}
