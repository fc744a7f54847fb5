namespace AiPipe.AppHost.Hosting;

/// <summary>
/// How long services and servers may take to stop. The orchestrator kills a process six seconds after it has sent it the stop signal, and
/// Ctrl-C must end the application within ten seconds.
/// </summary>
internal static class StopTimeouts
{
    /// <summary>When a stopping proxy ends the calls in flight. It needs the rest of the six seconds to write their entries.</summary>
    private const string Drain = "00:00:02";
    private const string Host = "5";

    public static readonly TimeSpan Services = TimeSpan.FromSeconds(6);
    public static readonly TimeSpan Servers = TimeSpan.FromSeconds(3);

    /// <summary>Sets the stop timeouts of the service, except in publish mode, where the deployment has its own.</summary>
    public static IResourceBuilder<ProjectResource> WithStopTimeouts(this IResourceBuilder<ProjectResource> project) =>
        project.ApplicationBuilder.ExecutionContext.IsPublishMode
            ? project
            : project.WithEnvironment("AiPipe__Server__DrainTimeout", Drain).WithEnvironment("DOTNET_shutdownTimeoutSeconds", Host);
}
