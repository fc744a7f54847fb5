using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Hosting;

namespace AiPipe.AppHost.Hosting;

/// <summary>
/// The processes that an AppHost started, recorded in the data folder, so that after <c>kill -9</c> the next start can end those that are left.
/// </summary>
internal sealed class EarlierRun(string folder)
{
    private const string Postgres = "postgres";
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StartTimePrecision = TimeSpan.FromSeconds(2);

    private readonly Lock _writing = new();
    private readonly Dictionary<int, string> _lines = [];

    private string FilePath => Path.Combine(folder, "processes");

    /// <summary>Ends what an earlier AppHost left running; Postgres is stopped by its own resource.</summary>
    /// <returns>True when an earlier run did not end in order: its orchestrator may still hold the ports for a while.</returns>
    public async Task<bool> EndAsync(Action<string> report, CancellationToken cancellationToken)
    {
        if (!File.Exists(FilePath)) return false;
        var left = (await File.ReadAllLinesAsync(FilePath, cancellationToken)).Select(Find).OfType<Process>().ToArray();
        if (left.Length > 0)
        {
            report($"Ending {left.Length} processes that an AiPipe which was killed left running (pid {string.Join(", ", left.Select(process => process.Id))})");
            if (!OperatingSystem.IsWindows())
                await ExternalProgram.RunAsync("kill", ["-TERM", .. left.Select(process => process.Id.ToString(CultureInfo.InvariantCulture))], cancellationToken: cancellationToken);
            await Task.WhenAll(left.Select(process => EndAsync(process, cancellationToken)));
        }
        File.Delete(FilePath);
        return true;
    }

    /// <summary>Adds a process to the record.</summary>
    public void Record(string name, int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            lock (_writing)
            {
                if (!_lines.TryAdd(pid, string.Create(CultureInfo.InvariantCulture, $"{pid} {process.StartTime.ToUniversalTime():O} {name}"))) return;
                PrivateFile.Write(FilePath, string.Join('\n', _lines.Values));
            }
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception or IOException)
        {
            // It has ended already, or the disk is full: then the next start will not find it.
        }
    }

    /// <summary>Deletes the record: everything has ended in order.</summary>
    public void Forget()
    {
        lock (_writing) File.Delete(FilePath);
    }

    // A pid is reused after a while; together with its start time it names one process.
    private static Process? Find(string line)
    {
        if (line.Split(' ') is not [var pid, var started, var name] || name == Postgres) return null;
        try
        {
            var process = Process.GetProcessById(int.Parse(pid, NumberStyles.None, CultureInfo.InvariantCulture));
            var expected = DateTime.Parse(started, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal);
            return (process.StartTime.ToUniversalTime() - expected).Duration() < StartTimePrecision ? process : null;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception or FormatException)
        {
            return null;
        }
    }

    private static async Task EndAsync(Process process, CancellationToken cancellationToken)
    {
        using (process)
        {
            using var grace = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            grace.CancelAfter(Grace);
            await process.WaitForExitAsync(grace.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }
}

/// <summary>Records the process of every resource as it starts.</summary>
internal sealed class ProcessRecorder(ResourceNotificationService notifications, EarlierRun record) : BackgroundService
{
    private const string PidProperty = "executable.pid";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var change in notifications.WatchAsync(stoppingToken))
        {
            if (change.Snapshot.Properties.FirstOrDefault(property => property.Name == PidProperty)?.Value is { } value
                && int.TryParse(value.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
                record.Record(change.Resource.Name, pid);
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        record.Forget();
    }
}
