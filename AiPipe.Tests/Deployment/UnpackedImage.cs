using AiPipe.AppHost.Hosting;
using AiPipe.Tests.Fixtures;

namespace AiPipe.Tests.Deployment;

/// <summary>Runs an image from a folder instead of a container.</summary>
/// <param name="configuration">The configuration of the image.</param>
/// <param name="root">The folder with the image's file system.</param>
/// <param name="environment">The environment of the container.</param>
internal sealed class UnpackedImage(ImageConfiguration configuration, string root, Dictionary<string, string> environment)
{
    /// <summary>Runs the entry point.</summary>
    public ServiceProcess Start() => ServiceProcess.Start(
        Command(), new(environment!) { ["ASPNETCORE_URLS"] = null }, root + configuration.WorkingDir);

    /// <summary>Runs the health check as a container engine does, while the entry point runs.</summary>
    public async Task<string> HealthAsync() => (await ExternalProgram.RunAsync(Command()[0], [.. Command()[1..], "health"],
        environment: environment, cancellationToken: TestContext.Current.CancellationToken)).Output;

    private string[] Command()
    {
        string[] entryPoint = [.. configuration.Entrypoint.Select(part => part.StartsWith('/') ? root + part : part)];
        if (!Environment.IsPrivilegedProcess) return entryPoint;
        var user = configuration.User;
        return ["setpriv", $"--reuid={user}", $"--regid={user}", "--clear-groups", "--no-new-privs", "--", .. entryPoint];
    }
}
