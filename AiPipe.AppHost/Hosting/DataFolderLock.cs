using System.Globalization;

namespace AiPipe.AppHost.Hosting;

/// <summary>An exclusive lock on a data folder. The operating system releases it when this process ends, even after a crash.</summary>
internal sealed class DataFolderLock : IDisposable
{
    /// <summary>EWOULDBLOCK on Linux and on macOS, ERROR_SHARING_VIOLATION on Windows.</summary>
    private static readonly int[] SharingViolations = [11, 35, unchecked((int)0x80070020)];

    private readonly FileStream _file;

    private DataFolderLock(FileStream file) => _file = file;

    /// <summary>Acquires the lock.</summary>
    /// <exception cref="CannotStartException">Another AppHost holds the lock, or the folder is not writable.</exception>
    public static DataFolderLock Acquire(string folder)
    {
        // On Windows other processes cannot read the locked file, so a second file names the process that holds the lock.
        var holder = Path.Combine(folder, "aipipe.pid");
        FileStream file;
        try
        {
            file = new FileStream(Path.Combine(folder, "aipipe.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new CannotStartException(
                $"The data folder {folder} is not writable. Change its owner, or set AIPIPE_DATA to another folder.", e);
        }
        catch (IOException e) when (!SharingViolations.Contains(e.HResult))
        {
            throw new CannotStartException(
                $"The data folder {folder} cannot be used ({e.Message}). Set AIPIPE_DATA to another folder.", e);
        }
        catch (IOException e)
        {
            var who = File.Exists(holder) ? File.ReadAllText(holder).Trim() : "pid unknown";
            throw new CannotStartException(
                $"AiPipe already runs on the data folder {folder} ({who}). Stop it, or set AIPIPE_DATA to another folder.", e);
        }
        File.WriteAllText(holder, string.Create(CultureInfo.InvariantCulture,
            $"pid {Environment.ProcessId}, since {TimeProvider.System.GetUtcNow():yyyy-MM-dd HH:mm:ss} UTC\n"));
        return new DataFolderLock(file);
    }

    public void Dispose() => _file.Dispose();
}
