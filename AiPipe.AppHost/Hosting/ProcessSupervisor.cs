using AiPipe.AppHost.Hosting.Postgres;
using AiPipe.AppHost.Hosting.Redis;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AiPipe.AppHost.Hosting;

/// <summary>
/// Restarts replicas, the Portal, Postgres and Redis after they end unexpectedly (killed, out of memory). The orchestrator does not, and
/// replicas can buffer ledger entries only for a limited time. If Postgres cannot start at all, the application stops.
/// </summary>
internal sealed partial class ProcessSupervisor(
    ResourceNotificationService notifications, ResourceCommandService commands, IHostApplicationLifetime lifetime, TimeProvider clock,
    ILogger<ProcessSupervisor> logger) : BackgroundService
{
    private const int MaxFailures = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    // A time instead of the health check, which another replica may answer.
    private static readonly TimeSpan StableAfter = TimeSpan.FromMinutes(1);

    // The key is the resource id, which each replica has for itself.
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
            // After a stop command, the earlier state is Stopping instead of Running.
            else if (earlier == KnownResourceStates.Running && (state == KnownResourceStates.Exited || state == KnownResourceStates.Finished))
                Restart(change.ResourceId, process, clock.GetElapsedTime(process.RunningSince) > StableAfter, stoppingToken);
            else if (state == KnownResourceStates.FailedToStart && process.HasRun)
                Restart(change.ResourceId, process, wasStable: false, stoppingToken);
            else if (state == KnownResourceStates.FailedToStart && change.Resource is PostgresProcessResource)
                StopApplication();
        }
    }

    // PostgresProcess has already printed the reason.
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

    /// <summary>What the supervisor knows about a process.</summary>
    private sealed class SupervisedProcess
    {
        public string? State { get; set; }
        public bool HasRun { get; set; }
        /// <summary>A timestamp of the <see cref="TimeProvider"/>.</summary>
        public long RunningSince { get; set; }
        /// <summary>How often it ended or failed to start since it last ran longer than <see cref="StableAfter"/>.</summary>
        public int Failures { get; set; }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "{Resource} ended unexpectedly; restarting it")]
        public static partial void Restarting(ILogger logger, string resource);

        [LoggerMessage(Level = LogLevel.Error, Message = "{Resource} ended again after {Count} restarts in a row; it stays stopped. See its log in the dashboard")]
        public static partial void GivenUp(ILogger logger, string resource, int count);
    }
}
