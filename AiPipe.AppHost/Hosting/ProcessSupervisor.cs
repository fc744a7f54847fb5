using AiPipe.AppHost.Hosting.Postgres;
using AiPipe.AppHost.Hosting.Redis;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AiPipe.AppHost.Hosting;

/// <summary>
/// Restarts replicas, the Portal, Postgres and Redis after they end unexpectedly (killed, out of memory, a full disk). The orchestrator
/// does not, and replicas can buffer ledger entries only for a limited time. If a process ends before it was ever healthy, the application
/// stops, because a restart does not remove a reason such as a wrong setting.
/// </summary>
internal sealed partial class ProcessSupervisor(
    ResourceNotificationService notifications, ResourceCommandService commands, FailedStart failedStart, IHostApplicationLifetime lifetime,
    TimeProvider clock, ILogger<ProcessSupervisor> logger) : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);
    // A time instead of the health check, which another replica may answer.
    private static readonly TimeSpan StableAfter = TimeSpan.FromMinutes(1);

    // The key is the resource id, which each replica has for itself.
    private readonly Dictionary<string, SupervisedProcess> _processes = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var change in notifications.WatchAsync(stoppingToken))
        {
            if (change.Resource is not (ProjectResource or PostgresProcessResource or IRedisProcess)) continue;
            if (!_processes.TryGetValue(change.ResourceId, out var process))
                _processes[change.ResourceId] = process = new SupervisedProcess();
            if (change.Snapshot.HealthStatus == HealthStatus.Healthy) process.HasBeenHealthy = true;
            var (earlier, state) = (process.State, change.Snapshot.State?.Text);
            if (state == earlier) continue;
            process.State = state;
            if (state == KnownResourceStates.Running) process.RunningSince = clock.GetTimestamp();
            if (!HasFailed(earlier, state)) continue;
            if (process.HasBeenHealthy) _ = RestartAsync(change.ResourceId, process, stoppingToken);
            else _ = failedStart.StopApplicationAsync(change.Resource, stoppingToken);
        }
    }

    // After a stop command, the earlier state is Stopping instead of Running.
    private static bool HasFailed(string? earlier, string? state) => state == KnownResourceStates.FailedToStart
        || (earlier == KnownResourceStates.Running && (state == KnownResourceStates.Exited || state == KnownResourceStates.Finished));

    private async Task RestartAsync(string resource, SupervisedProcess process, CancellationToken cancellationToken)
    {
        if (clock.GetElapsedTime(process.RunningSince) > StableAfter) process.Failures = 0;
        var pause = TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, FirstPause.TotalSeconds * Math.Pow(2, process.Failures++)));
        Log.Restarting(logger, resource, pause.TotalSeconds);
        await Task.Delay(pause, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!cancellationToken.IsCancellationRequested && !lifetime.ApplicationStopping.IsCancellationRequested)
            await commands.ExecuteCommandAsync(resource, KnownResourceCommands.StartCommand, cancellationToken);
    }

    /// <summary>What the supervisor knows about a process.</summary>
    private sealed class SupervisedProcess
    {
        public string? State { get; set; }
        public bool HasBeenHealthy { get; set; }
        /// <summary>A timestamp of the <see cref="TimeProvider"/>.</summary>
        public long RunningSince { get; set; }
        /// <summary>How often it ended or failed to start since it last ran longer than <see cref="StableAfter"/>.</summary>
        public int Failures { get; set; }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "{Resource} ended unexpectedly; restarting it in {Seconds} s")]
        public static partial void Restarting(ILogger logger, string resource, double seconds);
    }
}
