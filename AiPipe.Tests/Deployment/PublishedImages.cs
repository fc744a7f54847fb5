using AiPipe.AppHost.Hosting;

namespace AiPipe.Tests.Deployment;

/// <summary>The images of both services, published with the command in docs/operate.md on a base image from a local registry.</summary>
public sealed class PublishedImages : IAsyncLifetime
{
    /// <summary>A secret in the environment of the publisher, which must not get into an image.</summary>
    internal const string Canary = "canary-of-the-publisher";

    /// <summary>The projects of the images.</summary>
    internal static readonly string[] Projects = ["AiPipe.Proxy", "AiPipe.Portal"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("aipipe-images-");
    private readonly Dictionary<string, ImageArchive> _images = [];

    internal ImageArchive this[string project] => _images[project];

    public async ValueTask InitializeAsync()
    {
        await using var registry = await BaseImageRegistry.StartAsync(TestContext.Current.CancellationToken);
        foreach (var project in Projects) _images[project] = await PublishAsync(project, registry);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private async Task<ImageArchive> PublishAsync(string project, BaseImageRegistry registry)
    {
        var archive = Path.Combine(_folder.FullName, project + ".tar");
        // The build of this test run: bin/CONFIGURATION/FRAMEWORK.
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        string[] publish =
        [
            "publish", Path.Combine(ComposeTests.SourceFolder(), project), "-c", configuration, "--no-build", "-t:PublishContainer",
            "-v", "quiet", "--nologo",
            $"-p:ContainerBaseImage={registry.Image}", $"-p:ContainerArchiveOutputPath={archive}",
            $"-p:PublishDir={Path.Combine(_folder.FullName, project)}/",
        ];
        var result = await ExternalProgram.RunAsync("dotnet", publish, inheritEnvironment: true, environment: new Dictionary<string, string>
        {
            // The SDK requires TLS otherwise, even for a registry on this machine.
            ["DOTNET_CONTAINER_INSECURE_REGISTRIES"] = registry.Name,
            ["AIPIPE_SECRET"] = Canary,
            ["OPENAI_API_KEY"] = Canary,
        }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(result.Succeeded, $"{project}: {result.Output}{result.Errors}");
        return new ImageArchive(archive);
    }
}
