using System.Diagnostics;
using System.Globalization;

namespace AiPipe.AppHost.Hosting.Postgres;

/// <summary>The server that <c>postmaster.pid</c> names (https://www.postgresql.org/docs/current/storage-file-layout.html).</summary>
/// <param name="Pid">Line 1 of the file.</param>
/// <param name="StartedAt">Line 3 of the file, in seconds since 1970.</param>
internal sealed record Postmaster(int Pid, DateTimeOffset StartedAt)
{
    private static readonly TimeSpan Leeway = TimeSpan.FromSeconds(10);

    /// <summary>Reads the file of a cluster.</summary>
    /// <returns>The server; <c>null</c> if the file does not exist or cannot be parsed.</returns>
    public static Postmaster? Read(string dataFolder)
    {
        var file = PathIn(dataFolder);
        if (!File.Exists(file)) return null;
        var lines = File.ReadAllLines(file);
        return lines.Length >= 3
            && int.TryParse(lines[0], NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
            && long.TryParse(lines[2], NumberStyles.None, CultureInfo.InvariantCulture, out var started)
            ? new Postmaster(pid, DateTimeOffset.FromUnixTimeSeconds(started))
            : null;
    }

    public static string PathIn(string dataFolder) => Path.Combine(dataFolder, "postmaster.pid");

    /// <summary>
    /// True if the pid belongs to the running server of this cluster. After a reboot, or in a container, the system may have reused the pid
    /// for another program, even for another PostgreSQL server, which must not be stopped.
    /// </summary>
    public bool Runs(string dataFolder)
    {
        try
        {
            using var process = Process.GetProcessById(Pid);
            if (!process.ProcessName.StartsWith("postgres", StringComparison.OrdinalIgnoreCase)) return false;
            return OperatingSystem.IsLinux()
                ? string.Equals(new FileInfo($"/proc/{Pid}/cwd").LinkTarget, Real(dataFolder), StringComparison.Ordinal)
                : (new DateTimeOffset(process.StartTime) - StartedAt).Duration() < Leeway;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>True if any process has the pid.</summary>
    public bool IsPidInUse()
    {
        try
        {
            using var process = Process.GetProcessById(Pid);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>The path without symbolic links, as the kernel reports it.</summary>
    private static string Real(string path)
    {
        var parent = Path.GetDirectoryName(path);
        if (parent is null) return path;
        var real = Path.Combine(Real(parent), Path.GetFileName(path));
        return new DirectoryInfo(real).ResolveLinkTarget(returnFinalTarget: true) is { } target ? Real(target.FullName) : real;
    }
}
