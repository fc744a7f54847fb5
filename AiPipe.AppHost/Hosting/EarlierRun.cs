using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace AiPipe.AppHost.Hosting;

/// <summary>
/// Records in the data folder which processes this AppHost starts. After <c>kill -9</c>, the next start ends those that still run.
/// </summary>
internal sealed class EarlierRun(string folder)
{
    private const string Postgres = "postgres";
    /// <summary>The index of the start time, field 22 of <c>/proc/PID/stat</c>, if field 3 has the index 0 (proc_pid_stat(5)).</summary>
    private const int StartTicksField = 19;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly Lock _writing = new();
    private readonly Dictionary<int, string> _lines = [];

    private string FilePath => Path.Combine(folder, "processes");

    /// <summary>Ends the processes that a killed AppHost left running, except Postgres, which its resource stops.</summary>
    /// <returns>True if an earlier AppHost was killed. Its orchestrator may still use the ports for a while.</returns>
    public async Task<bool> EndAsync(Action<string> report, CancellationToken cancellationToken)
    {
        if (!File.Exists(FilePath)) return false;
        var left = (await File.ReadAllLinesAsync(FilePath, cancellationToken)).Select(Find).OfType<Process>().ToArray();
        if (left.Length > 0)
        {
            string[] pids = [.. left.Select(process => process.Id.ToString(CultureInfo.InvariantCulture))];
            report($"Ending {left.Length} processes of an earlier run that was killed (pid {string.Join(", ", pids)})");
            if (!OperatingSystem.IsWindows())
                await ExternalProgram.RunAsync("kill", ["-TERM", .. pids], cancellationToken: cancellationToken);
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
                if (!_lines.TryAdd(pid, string.Create(CultureInfo.InvariantCulture, $"{pid} {StartOf(process)} {name}"))) return;
                PrivateFile.Write(FilePath, string.Join('\n', _lines.Values));
            }
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception or IOException)
        {
            // The process has already ended, or the file cannot be written. The next start then does not end this process.
        }
    }

    /// <summary>Deletes the record, because all processes have ended.</summary>
    public void Forget()
    {
        lock (_writing) File.Delete(FilePath);
    }

    // The system reuses pids, so a process is identified by its pid and its start time.
    private static Process? Find(string line)
    {
        if (line.Split(' ') is not [var pid, var started, var name] || name == Postgres) return null;
        try
        {
            var process = Process.GetProcessById(int.Parse(pid, NumberStyles.None, CultureInfo.InvariantCulture));
            return StartOf(process) == started ? process : null;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception or FormatException or IOException)
        {
            return null;
        }
    }

    // On Linux, clock ticks since the boot: Process.StartTime changes when the system's clock is corrected or the machine sleeps.
    internal static string StartOf(Process process)
    {
        if (!OperatingSystem.IsLinux()) return process.StartTime.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture);
        var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process.Id}/stat"));
        var startTicks = stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[StartTicksField];
        return $"{File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()}:{startTicks}";
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
