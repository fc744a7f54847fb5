using AiPipe.Proxy.Infrastructure.Replicas;

namespace AiPipe.Proxy.Ledger;

/// <summary>
/// One process's folder of journal files. A lock file beside it is held open as long as the process lives; it is locked before
/// the folder exists, so a folder whose lock is free belongs to a process that died.
/// </summary>
internal sealed class JournalFolder
{
    private const string LockSuffix = ".lock";

    private readonly FileStream _lock;

    private JournalFolder(string path, FileStream file) => (Path, _lock) = (path, file);

    public string Path { get; }

    /// <summary>Whose it is; empty for a folder that somebody else made there.</summary>
    public Guid Replica => Guid.TryParseExact(System.IO.Path.GetFileName(Path), "N", out var replica) ? replica : Guid.Empty;

    /// <summary>The files, oldest first.</summary>
    public IEnumerable<string> Files => Directory.EnumerateFiles(Path, "*.jsonl").Order(StringComparer.Ordinal);

    public string NextFile(int number) => System.IO.Path.Combine(Path, $"{number:D8}.jsonl");

    /// <summary>Makes this process's own.</summary>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">It cannot be made there.</exception>
    public static JournalFolder Create(string root, Replica replica)
    {
        try
        {
            Directory.CreateDirectory(root);
            var path = System.IO.Path.Combine(root, replica.Id.ToString("N"));
            var folder = new JournalFolder(path, Lock(path));
            Directory.CreateDirectory(path);
            return folder;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw LedgerOptions.Wrong($"{LedgerOptions.Section}:Folder cannot be written ({exception.Message}): name another folder, or mend its rights.");
        }
    }

    /// <summary>
    /// The folders of processes that died, each locked until it is released. The file system must know locks (one that is
    /// shared over a network may not): without them a living process's folder looks like a dead one's.
    /// </summary>
    public static IEnumerable<JournalFolder> Orphans(string root)
    {
        foreach (var path in FoldersIn(root))
        {
            if (TryLock(path) is not { } file) continue;
            var folder = new JournalFolder(path, file);
            // Whoever held the lock a moment ago may have dealt with it.
            if (Directory.Exists(path)) yield return folder;
            else folder.Release(delete: false);
        }
    }

    /// <summary>Lets go of it. What cannot be deleted stays, and is dealt with again: that changes nothing.</summary>
    public void Release(bool delete)
    {
        try
        {
            if (delete && Directory.Exists(Path)) Directory.Delete(Path, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The next one who finds it may be luckier.
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
            // Gone while we run: what is written down then goes to Postgres only.
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
