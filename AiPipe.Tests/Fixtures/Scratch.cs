using System.Globalization;

namespace AiPipe.Tests.Fixtures;

/// <summary>
/// Folders of this run: for databases and journals. They are in memory where there is plenty of it, since each database is a copy of several
/// megabytes, and deleted when the run ends.
/// </summary>
internal static class Scratch
{
    private const string Prefix = "aipipe-tests-";
    private const string Memory = "/dev/shm";
    private const long EnoughBytes = 3L << 30;

    private static readonly string Root = Create();

    /// <summary>A new folder.</summary>
    /// <param name="name">What it is for.</param>
    public static string NewFolder(string name)
    {
        var folder = Path.Combine(Root, $"{name}-{Guid.NewGuid():N}");
        return Directory.CreateDirectory(folder).FullName;
    }

    private static string Create()
    {
        var place = Directory.Exists(Memory) && new DriveInfo(Memory).AvailableFreeSpace > EnoughBytes ? Memory : Path.GetTempPath();
        DeleteThoseOfEndedRuns(place);
        var root = Path.Combine(place, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Environment.ProcessId}"));
        Delete(root);
        Directory.CreateDirectory(root);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Delete(root);
        return root;
    }

    /// <summary>A run that was killed could not delete its own.</summary>
    private static void DeleteThoseOfEndedRuns(string place)
    {
        foreach (var folder in Directory.GetDirectories(place, Prefix + "*"))
            if (OperatingSystem.IsLinux() && !Directory.Exists("/proc/" + Path.GetFileName(folder)[Prefix.Length..])) Delete(folder);
    }

    private static void Delete(string folder)
    {
        try
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A process that a test left behind may still write there.
        }
    }
}
