using AiPipe.AppHost.Hosting.Postgres;
using AiPipe.AppHost.Hosting.Redis;
using Microsoft.Extensions.Hosting;

namespace AiPipe.AppHost.Hosting;

/// <summary>
/// Stops the services before the servers that they use. By default the orchestrator stops all processes at once and kills them after six
/// seconds, while a replica may still write its last entries to Postgres.
/// </summary>
/// <remarks>Registered last: hosted services stop in reverse order, so this one stops before the orchestrator.</remarks>
internal sealed class OrderlyShutdown(ResourceCommandService commands, DistributedApplicationModel model) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await StopAsync(model.Resources.OfType<ProjectResource>(), StopTimeouts.Services, cancellationToken);
        await StopAsync(model.Resources.Where(static resource => resource is PostgresProcessResource or IRedisProcess),
            StopTimeouts.Servers, cancellationToken);
    }

    // With a timeout, because a resource that waits for the start of another one cannot be stopped.
    private async Task StopAsync(IEnumerable<IResource> resources, TimeSpan timeout, CancellationToken cancellationToken)
    {
        Task stopped = Task.WhenAll(resources.Select(resource =>
            commands.ExecuteCommandAsync(resource, KnownResourceCommands.StopCommand, cancellationToken)));
        await stopped.WaitAsync(timeout, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
