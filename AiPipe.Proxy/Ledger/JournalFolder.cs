using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Infrastructure.Replicas;

namespace AiPipe.Proxy.Ledger;

/// <summary>The folder of one process's journal. A lock file beside it shows that the process is alive.</summary>
internal sealed class JournalFolder
{
    private const string LockSuffix = ".lock";

    private readonly FileStream _lock;

    private JournalFolder(string path, FileStream file) => (Path, _lock) = (path, file);

    public string Path { get; }

    /// <summary>The replica that owns the folder; empty for a folder with another name.</summary>
    public Guid Replica => Guid.TryParseExact(System.IO.Path.GetFileName(Path), "N", out var replica) ? replica : Guid.Empty;

    public IEnumerable<string> Files => Directory.EnumerateFiles(Path, "*.jsonl").Order(StringComparer.Ordinal);

    public string NextFile(int number) => System.IO.Path.Combine(Path, $"{number:D8}.jsonl");

    public static JournalFolder Create(string root, Replica replica)
    {
        try
        {
            DataFolder.Create(root);
            var path = System.IO.Path.Combine(root, replica.Id.ToString("N"));
            var folder = new JournalFolder(path, Lock(path));
            DataFolder.Create(path);
            return folder;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw LedgerOptions.Wrong(
                $"{LedgerOptions.Section}:Folder cannot be written ({exception.Message}): name another folder, or mend its rights.");
        }
    }

    /// <summary>The locked folders of dead processes. Without support for locks, a living process's folder looks orphaned.</summary>
    public static IEnumerable<JournalFolder> Orphans(string root)
    {
        foreach (var path in FoldersIn(root))
        {
            if (TryLock(path) is not { } file) continue;
            var folder = new JournalFolder(path, file);
            // The previous owner of the lock may have replayed and deleted it.
            if (Directory.Exists(path)) yield return folder;
            else folder.Release(delete: false);
        }
    }

    /// <summary>Releases the lock. A folder that cannot be deleted is replayed again, which is idempotent.</summary>
    public void Release(bool delete)
    {
        try
        {
            if (delete && Directory.Exists(Path)) Directory.Delete(Path, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The next scan tries again.
        }
        _lock.Dispose();
    }

    private static IEnumerable<string> FoldersIn(string root)
    {
        try
        {
            return Directory.GetDirectories(root).Order(StringComparer.Ordinal);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static FileStream Lock(string path) =>
        new(path + LockSuffix, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);

    private static FileStream? TryLock(string path)
    {
        try
        {
            return Lock(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
