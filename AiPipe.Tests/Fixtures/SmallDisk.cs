using System.Diagnostics;

namespace AiPipe.Tests.Fixtures;

/// <summary>A file system of its own that is soon full: a mounted tmpfs.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    private string Filler => System.IO.Path.Combine(Path, "filler");

    /// <summary>Skips the test where nothing may be mounted.</summary>
    public static SmallDisk MountOrSkip(int kibibytes)
    {
        var folder = Directory.CreateTempSubdirectory("aipipe-disk-").FullName;
        var why = OperatingSystem.IsLinux()
            ? Run("mount", "-t", "tmpfs", "-o", $"size={kibibytes}k", "tmpfs", folder) : "this is not Linux";
        if (why is null) return new SmallDisk(folder);
        Directory.Delete(folder);
        Assert.Skip($"A full disk needs a tmpfs of its own, which cannot be mounted here: {why}");
        throw new UnreachableException();
    }

    /// <summary>Takes all the room that is left.</summary>
    public void Fill()
    {
        using var file = new FileStream(Filler, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        var page = new byte[4096];
        try
        {
            while (true) file.Write(page);
        }
        catch (IOException)
        {
            // Full.
        }
    }

    /// <summary>Gives it back.</summary>
    public void Free() => File.Delete(Filler);

    public void Dispose()
    {
        // Lazily: a file that is still open must not keep the test from ending.
        if (Run("umount", "-l", Path) is null) Directory.Delete(Path);
    }

    private static string? Run(string program, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardError = true, UseShellExecute = false })!;
        var said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : said.Trim();
    }
}
