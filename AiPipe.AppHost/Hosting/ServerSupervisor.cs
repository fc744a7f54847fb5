using System.Collections.Concurrent;
using AiPipe.AppHost.Hosting.Postgres;
using AiPipe.AppHost.Hosting.Redis;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AiPipe.AppHost.Hosting;

/// <summary>
/// Starts a Postgres or Redis process again when it ends although nobody stopped it (killed, out of memory): the replicas buffer what
/// they have to write only for a while.
/// </summary>
internal sealed partial class ServerSupervisor(
    ResourceNotificationService notifications, ResourceCommandService commands, TimeProvider clock, ILogger<ServerSupervisor> logger) : BackgroundService
{
    private const int MaxFailures = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, string> _states = [];
    private readonly ConcurrentDictionary<string, int> _failures = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var change in notifications.WatchAsync(stoppingToken))
        {
            if (change.Resource is not (PostgresProcessResource or IRedisProcess) || change.Snapshot.State?.Text is not { } state) continue;
            if (change.Snapshot.HealthStatus == Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy) _failures[change.Resource.Name] = 0;
            var earlier = _states.GetValueOrDefault(change.Resource.Name);
            _states[change.Resource.Name] = state;
            // A stop by command passes through Stopping.
            if (earlier == KnownResourceStates.Running && (state == KnownResourceStates.Exited || state == KnownResourceStates.Finished))
                _ = RestartAsync(change.Resource, stoppingToken);
        }
    }

    private async Task RestartAsync(IResource server, CancellationToken cancellationToken)
    {
        if (_failures.AddOrUpdate(server.Name, 1, static (_, count) => count + 1) > MaxFailures)
        {
            Log.GivenUp(logger, server.Name, MaxFailures);
            return;
        }
        Log.Restarting(logger, server.Name);
        await Task.Delay(Pause, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!cancellationToken.IsCancellationRequested)
            await commands.ExecuteCommandAsync(server, KnownResourceCommands.StartCommand, cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "{Server} ended unexpectedly; starting it again")]
        public static partial void Restarting(ILogger logger, string server);

        [LoggerMessage(Level = LogLevel.Error, Message = "{Server} ended {Count} times in a row; it stays stopped. Its log in the dashboard says why")]
        public static partial void GivenUp(ILogger logger, string server, int count);
    }
}
