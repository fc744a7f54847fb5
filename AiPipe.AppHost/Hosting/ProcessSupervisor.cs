using System.Collections.Concurrent;
using AiPipe.AppHost.Hosting.Postgres;
using AiPipe.AppHost.Hosting.Redis;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AiPipe.AppHost.Hosting;

/// <summary>
/// Starts a process again when it ends although nobody stopped it (killed, out of memory): a replica, the Portal, Postgres, Redis. The orchestrator
/// restarts nothing, and replicas buffer what they have to write only for a while.
/// </summary>
internal sealed partial class ProcessSupervisor(
    ResourceNotificationService notifications, ResourceCommandService commands, IHostApplicationLifetime lifetime, TimeProvider clock,
    ILogger<ProcessSupervisor> logger) : BackgroundService
{
    private const int MaxFailures = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // By resource id: each replica has its own.
    private readonly ConcurrentDictionary<string, string> _states = [];
    private readonly ConcurrentDictionary<string, int> _failures = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var change in notifications.WatchAsync(stoppingToken))
        {
            if (change.Resource is not (ProjectResource or PostgresProcessResource or IRedisProcess) || change.Snapshot.State?.Text is not { } state) continue;
            if (change.Snapshot.HealthStatus == HealthStatus.Healthy) _failures[change.ResourceId] = 0;
            var earlier = _states.GetValueOrDefault(change.ResourceId);
            _states[change.ResourceId] = state;
            // A stop by command passes through Stopping.
            if (earlier == KnownResourceStates.Running && (state == KnownResourceStates.Exited || state == KnownResourceStates.Finished))
                _ = RestartAsync(change.ResourceId, stoppingToken);
        }
    }

    private async Task RestartAsync(string resource, CancellationToken cancellationToken)
    {
        if (_failures.AddOrUpdate(resource, 1, static (_, count) => count + 1) > MaxFailures)
        {
            Log.GivenUp(logger, resource, MaxFailures);
            return;
        }
        Log.Restarting(logger, resource);
        await Task.Delay(Pause, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!cancellationToken.IsCancellationRequested && !lifetime.ApplicationStopping.IsCancellationRequested)
            await commands.ExecuteCommandAsync(resource, KnownResourceCommands.StartCommand, cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "{Resource} ended unexpectedly; starting it again")]
        public static partial void Restarting(ILogger logger, string resource);

        [LoggerMessage(Level = LogLevel.Error, Message = "{Resource} ended {Count} times in a row; it stays stopped. Its log in the dashboard says why")]
        public static partial void GivenUp(ILogger logger, string resource, int count);
    }
}
