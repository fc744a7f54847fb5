using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace AiPipe.AppHost.Hosting;

/// <summary>
/// The processes that an AppHost started, recorded in the data folder, so that after <c>kill -9</c> the next start can end those that are left.
/// </summary>
internal sealed class EarlierRun(string folder)
{
    private const string Postgres = "postgres";
    /// <summary>Field 22 of <c>/proc/PID/stat</c>, counted from the third, which follows the program's name (proc_pid_stat(5)).</summary>
    private const int StartTicksField = 19;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

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
                if (!_lines.TryAdd(pid, string.Create(CultureInfo.InvariantCulture, $"{pid} {StartOf(process)} {name}"))) return;
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
            return StartOf(process) == started ? process : null;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception or FormatException or IOException)
        {
            return null;
        }
    }

    // On Linux in clock ticks since a boot: a start time by the wall clock moves when the clock is corrected, or the machine sleeps.
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
