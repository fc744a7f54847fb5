using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AiPipe.AppHost.Hosting;

/// <summary>The Proxy's operator commands (<c>dotnet AiPipe.Proxy.dll --help</c>), run with the configuration of its replicas.</summary>
internal static class ProxyCommands
{
    // A command must not listen on a replica's port or export telemetry.
    private static readonly string[] ReplicaOnly = ["ASPNETCORE_URLS", "HTTP_PORTS", "OTEL_EXPORTER_OTLP_ENDPOINT"];

    /// <summary>Adds the commands to the resource in the dashboard.</summary>
    public static IResourceBuilder<ProjectResource> WithOperatorCommands(this IResourceBuilder<ProjectResource> proxy)
    {
        proxy.WithCommand("sign-in-link", "New admin sign-in link", async context =>
        {
            var result = await RunAsync(proxy.Resource, context.Services, ["sign-in-link"], context.CancellationToken);
            if (!result.Succeeded) return CommandResults.Failure(result.LastLine);
            return CommandResults.Success(
                "This link works once, within a day:", result.Output.Trim(), CommandResultFormat.Text, displayImmediately: true);
        }, new CommandOptions
        {
            Description = "Creates a one-time link that signs in the first administrator.",
            IconName = "PersonKey",
            IsHighlighted = true,
            UpdateState = IfHealthy,
        });
        return proxy.WithCommand("demo-traffic", "Send demo traffic", async context =>
        {
            var result = await RunAsync(proxy.Resource, context.Services, ["demo-traffic"], context.CancellationToken);
            return result.Succeeded ? CommandResults.Success(result.LastLine) : CommandResults.Failure(result.LastLine);
        }, new CommandOptions
        {
            Description = "Sends 24 calls of fictitious users to the demo provider. They cost no real money.",
            IconName = "ChatMultiple",
            UpdateState = IfHealthy,
        });
    }

    private static ResourceCommandState IfHealthy(UpdateCommandStateContext context) =>
        context.ResourceSnapshot.HealthStatus == HealthStatus.Healthy ? ResourceCommandState.Enabled : ResourceCommandState.Disabled;

    /// <summary>Runs a command of the proxy's program with the address of the proxy's endpoint.</summary>
    public static async Task<ProgramResult> RunAsync(
        ProjectResource proxy, IServiceProvider services, string[] command, CancellationToken cancellationToken)
    {
        var context = services.GetRequiredService<DistributedApplicationExecutionContext>();
        var logger = services.GetRequiredService<ResourceLoggerService>().GetLogger(proxy);
        var configuration = await ExecutionConfigurationBuilder.Create(proxy)
            .WithEnvironmentVariablesConfig().BuildAsync(context, logger, cancellationToken);
        var environment = configuration.EnvironmentVariables.Where(variable => !ReplicaOnly.Contains(variable.Key)).ToDictionary();
        return await ExternalProgram.RunAsync("dotnet", [FindProgram(proxy), .. command, "--address", Address(proxy)],
            inheritEnvironment: true, environment: environment, cancellationToken: cancellationToken);
    }

    /// <summary>The address that browsers and clients use.</summary>
    public static string Address(ProjectResource proxy) =>
        string.Create(CultureInfo.InvariantCulture, $"http://localhost:{proxy.GetEndpoint("http").Port}");

    // The build of the same configuration and framework as this one: bin/CONFIGURATION/FRAMEWORK.
    private static string FindProgram(ProjectResource proxy)
    {
        var project = proxy.GetProjectMetadata().ProjectPath;
        var ours = new DirectoryInfo(AppContext.BaseDirectory);
        var file = Path.GetFileNameWithoutExtension(project) + ".dll";
        return Path.Combine(Path.GetDirectoryName(project)!, "bin", ours.Parent!.Name, ours.Name, file);
    }
}
