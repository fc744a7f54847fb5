namespace AiPipe.AppHost.Hosting;

/// <summary>
/// How long services and servers may take to stop. The orchestrator kills a process six seconds after it asked it to stop, and Ctrl-C
/// must end the application within ten.
/// </summary>
internal static class StopTimeouts
{
    /// <summary>After this, a stopping proxy ends the calls in flight, which leaves it the rest of the six seconds to write their entries.</summary>
    private const string Drain = "00:00:02";
    private const string Host = "5";

    public static readonly TimeSpan Services = TimeSpan.FromSeconds(6);
    public static readonly TimeSpan Servers = TimeSpan.FromSeconds(3);

    /// <summary>Lets the service stop in time. A deployment has timeouts of its own.</summary>
    public static IResourceBuilder<ProjectResource> WithStopTimeouts(this IResourceBuilder<ProjectResource> project) =>
        project.ApplicationBuilder.ExecutionContext.IsPublishMode
            ? project
            : project.WithEnvironment("AiPipe__Server__DrainTimeout", Drain).WithEnvironment("DOTNET_shutdownTimeoutSeconds", Host);
}
