using Microsoft.Extensions.Hosting;

namespace AiPipe.AppHost.Servers;

/// <summary>
/// Stops what uses a server before the server: Aspire's orchestrator stops everything at once and kills what has not ended after six seconds,
/// while a replica takes its last entries to Postgres, and Postgres waits for its clients.
/// </summary>
internal sealed class OrderlyStop(ResourceCommandService commands, DistributedApplicationModel model) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // Hosted services stop in reverse order, so before the orchestrator, which was added earlier.
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await StopAsync(model.Resources.OfType<ProjectResource>(), cancellationToken);
        await StopAsync(model.Resources.OfType<ExecutableResource>().Where(server => server is PostgresProcessResource or IRedisProcess), cancellationToken);
    }

    private Task<ExecuteCommandResult[]> StopAsync(IEnumerable<IResource> resources, CancellationToken cancellationToken) =>
        Task.WhenAll(resources.Select(resource => commands.ExecuteCommandAsync(resource, KnownResourceCommands.StopCommand, cancellationToken)));
}
