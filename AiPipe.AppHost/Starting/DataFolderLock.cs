using System.Globalization;

namespace AiPipe.AppHost.Starting;

/// <summary>Holds a data folder for the life of this process; the system lets go of it however the process ends.</summary>
internal sealed class DataFolderLock : IAsyncDisposable
{
    private readonly FileStream _held;

    private DataFolderLock(FileStream held) => _held = held;

    /// <summary>Takes the folder.</summary>
    /// <exception cref="CannotStartException">Another AiPipe holds it, or it cannot be written to.</exception>
    public static DataFolderLock Take(string folder)
    {
        // The lock itself cannot be read by others while it is held (Windows), so a second file tells who holds it.
        var holder = Path.Combine(folder, "aipipe.pid");
        FileStream held;
        try
        {
            held = new FileStream(Path.Combine(folder, "aipipe.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new CannotStartException($"The data folder {folder} cannot be written to. Mend its owner, or name another one in AIPIPE_DATA.", e);
        }
        catch (IOException e)
        {
            var who = File.Exists(holder) ? File.ReadAllText(holder).Trim() : "pid unknown";
            throw new CannotStartException(
                $"AiPipe already runs on this data folder ({who}): {folder}. Stop it, or name another folder in AIPIPE_DATA.", e);
        }
        File.WriteAllText(holder, string.Create(CultureInfo.InvariantCulture,
            $"pid {Environment.ProcessId}, since {TimeProvider.System.GetUtcNow():yyyy-MM-dd HH:mm:ss} UTC\n"));
        return new DataFolderLock(held);
    }

    public ValueTask DisposeAsync() => _held.DisposeAsync();
}
