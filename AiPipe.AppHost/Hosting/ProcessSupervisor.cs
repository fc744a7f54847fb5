using AiPipe.AppHost.Hosting.Postgres;
using AiPipe.AppHost.Hosting.Redis;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AiPipe.AppHost.Hosting;

/// <summary>
/// Starts a process again when it ends although nobody stopped it (killed, out of memory): a replica, the Portal, Postgres, Redis. The orchestrator
/// restarts nothing, and replicas buffer what they have to write only for a while. A server that cannot start at all stops the application.
/// </summary>
internal sealed partial class ProcessSupervisor(
    ResourceNotificationService notifications, ResourceCommandService commands, IHostApplicationLifetime lifetime, TimeProvider clock,
    ILogger<ProcessSupervisor> logger) : BackgroundService
{
    private const int MaxFailures = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    // Not the health check: it asks whichever replica answers.
    private static readonly TimeSpan StableAfter = TimeSpan.FromMinutes(1);

    // By resource id: each replica has its own.
    private readonly Dictionary<string, SupervisedProcess> _processes = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var change in notifications.WatchAsync(stoppingToken))
        {
            if (change.Resource is not (ProjectResource or PostgresProcessResource or IRedisProcess) || change.Snapshot.State?.Text is not { } state) continue;
            if (!_processes.TryGetValue(change.ResourceId, out var process)) _processes[change.ResourceId] = process = new SupervisedProcess();
            var earlier = process.State;
            if (state == earlier) continue;
            process.State = state;
            if (state == KnownResourceStates.Running) (process.HasRun, process.RunningSince) = (true, clock.GetTimestamp());
            // A stop by command passes through Stopping.
            else if (earlier == KnownResourceStates.Running && (state == KnownResourceStates.Exited || state == KnownResourceStates.Finished))
                Restart(change.ResourceId, process, clock.GetElapsedTime(process.RunningSince) > StableAfter, stoppingToken);
            else if (state == KnownResourceStates.FailedToStart && process.HasRun)
                Restart(change.ResourceId, process, wasStable: false, stoppingToken);
            else if (state == KnownResourceStates.FailedToStart && change.Resource is PostgresProcessResource)
                StopApplication();
        }
    }

    // The reason stands on the console already.
    private void StopApplication()
    {
        Environment.ExitCode = 1;
        lifetime.StopApplication();
    }

    private void Restart(string resource, SupervisedProcess process, bool wasStable, CancellationToken cancellationToken)
    {
        process.Failures = wasStable ? 1 : process.Failures + 1;
        if (process.Failures > MaxFailures)
        {
            Log.GivenUp(logger, resource, MaxFailures);
            return;
        }
        Log.Restarting(logger, resource);
        _ = RestartAsync(resource, cancellationToken);
    }

    private async Task RestartAsync(string resource, CancellationToken cancellationToken)
    {
        await Task.Delay(Pause, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!cancellationToken.IsCancellationRequested && !lifetime.ApplicationStopping.IsCancellationRequested)
            await commands.ExecuteCommandAsync(resource, KnownResourceCommands.StartCommand, cancellationToken);
    }

    /// <summary>What the supervisor has seen of a process.</summary>
    private sealed class SupervisedProcess
    {
        public string? State { get; set; }
        public bool HasRun { get; set; }
        /// <summary>A timestamp of the clock.</summary>
        public long RunningSince { get; set; }
        /// <summary>How often it ended or failed to start since it last ran for a while.</summary>
        public int Failures { get; set; }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "{Resource} ended unexpectedly; starting it again")]
        public static partial void Restarting(ILogger logger, string resource);

        [LoggerMessage(Level = LogLevel.Error, Message = "{Resource} ended {Count} times in a row; it stays stopped. Its log in the dashboard says why")]
        public static partial void GivenUp(ILogger logger, string resource, int count);
    }
}
