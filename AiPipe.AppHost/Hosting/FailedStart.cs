using AiPipe.AppHost.Hosting.Postgres;
using Microsoft.Extensions.Hosting;

namespace AiPipe.AppHost.Hosting;

/// <summary>Stops the application if one of its processes cannot start, and prints the reason from the log of that process.</summary>
internal sealed class FailedStart(ResourceLoggerService logs, IHostApplicationLifetime lifetime)
{
    /// <summary>The orchestrator delivers the last lines of a log only after it reports the end of the process.</summary>
    private static readonly TimeSpan LogDelay = TimeSpan.FromSeconds(1);
    private const int LogAttempts = 5;
    /// <summary>Marks the orchestrator's own lines, which are in the log from the start.</summary>
    private const string OrchestratorLine = "[sys]";

    private int _isReported;

    /// <summary>
    /// Prints why a process failed, and stops the application with exit code 1. Later failures are ignored, because the first causes them.
    /// </summary>
    public async Task StopApplicationAsync(IResource resource, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isReported, 1) != 0 || lifetime.ApplicationStopping.IsCancellationRequested) return;
        Environment.ExitCode = 1;
        try
        {
            // PostgresProcess has already printed why its preparation failed.
            if (resource is not PostgresProcessResource { IsPreparationFailed: true })
            {
                var reason = await FindReasonAsync(resource, cancellationToken);
                await Console.Error.WriteLineAsync($"{CannotStartException.Prefix} {resource.Name}: {reason}");
            }
        }
        catch (OperationCanceledException)
        {
            // The application is already stopping.
        }
        lifetime.StopApplication();
    }

    private async Task<string> FindReasonAsync(IResource resource, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < LogAttempts; attempt++)
        {
            await Task.Delay(LogDelay, cancellationToken);
            if (await ReadReasonAsync(resource, cancellationToken) is { } reason) return reason;
        }
        return "it ended without a message";
    }

    // A service prints one line with the reason. The log of a server usually ends with it.
    private async Task<string?> ReadReasonAsync(IResource resource, CancellationToken cancellationToken)
    {
        string? last = null;
        await foreach (var lines in logs.GetAllAsync(resource).WithCancellation(cancellationToken))
        {
            foreach (var (_, content, _) in lines)
            {
                var start = content.IndexOf(CannotStartException.Prefix, StringComparison.Ordinal);
                if (start >= 0) return content[(start + CannotStartException.Prefix.Length)..].Trim();
                // Each line begins with its time.
                var text = content[(content.IndexOf(' ', StringComparison.Ordinal) + 1)..].Trim();
                if (text.Length > 0 && !text.StartsWith(OrchestratorLine, StringComparison.Ordinal)) last = text;
            }
        }
        return last;
    }
}
