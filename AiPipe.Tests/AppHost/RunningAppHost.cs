using System.Security.Cryptography;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Fixtures.Otlp;
using AiPipe.Tests.Support;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AiPipe.Tests.AppHost;

/// <summary>
/// The whole application, as <c>dotnet run --project AiPipe.AppHost</c> starts it on a machine without containers. It exports telemetry to
/// <see cref="Collector"/>.
/// </summary>
public class RunningAppHost : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    public DistributedApplication App { get; private set; } = null!;
    public OtlpReceiver Collector { get; private set; } = null!;
    public string Secret { get; } = RandomNumberGenerator.GetHexString(64);
    public string Folder => _folder.Path;

    /// <summary>Additional command-line arguments.</summary>
    protected virtual string[] Arguments => [];

    public async ValueTask InitializeAsync()
    {
        Collector = await OtlpReceiver.StartAsync();
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AiPipe_AppHost>(
        [
            $"--AIPIPE_DATA={Folder}", $"--Parameters:aipipe-secret={Secret}", $"--port={ServerPorts.Take()}", "--containers=false",
            // The dashboard does not run in tests.
            "--ASPNETCORE_URLS=http://127.0.0.1:0", "--ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL=http://127.0.0.1:0",
            "--ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL=http://127.0.0.1:0",
            "--DcpPublisher:WaitForResourceCleanup=false", .. Arguments,
        ]);
        builder.Services.AddLogging(static logging => logging.ClearProviders());
        foreach (var project in builder.Resources.OfType<ProjectResource>())
        {
            builder.CreateResourceBuilder(project).WithEnvironment(context =>
            {
                foreach (var (name, value) in Collector.Environment) context.EnvironmentVariables[name] = value;
                // A Redis that is there may answer late on a busy machine: that is no outage.
                context.EnvironmentVariables["AiPipe__Budgets__CounterTimeout"] = "0:00:10";
            });
        }
        App = await builder.BuildAsync();
        await App.StartAsync();
        await HealthyAsync("proxy");
        await HealthyAsync("portal");
    }

    /// <summary>Waits until a resource is healthy.</summary>
    public Task HealthyAsync(string resource) => App.ResourceNotifications
        .WaitForResourceHealthyAsync(resource, WaitBehavior.WaitOnResourceUnavailable)
        .WaitAsync(Eventually.Limit * 4);

    /// <summary>Runs a command of a resource, as the button in the dashboard does. It runs on one replica only.</summary>
    public async Task<ExecuteCommandResult> CommandAsync(string resource, string command)
    {
        var replica = await App.ResourceNotifications.WaitForResourceAsync(resource, static _ => true);
        var result = await App.Services.GetRequiredService<ResourceCommandService>().ExecuteCommandAsync(replica.ResourceId, command);
        Assert.True(result.Success, $"{resource} {command}: {result.Message}");
        return result;
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await App.StopAsync();
        await App.DisposeAsync();
        await Collector.DisposeAsync();
        _folder.Dispose();
    }
}
