using Microsoft.Win32.SafeHandles;

namespace AiPipe.Proxy.Ledger;

/// <summary>
/// One append-only journal file. Its disk space is allocated at creation, so that lines fit when the disk fills up later. Everything but
/// <see cref="FlushToDisk"/> is guarded by the journal's lock.
/// </summary>
/// <param name="room">Bytes to allocate; without effect on file systems that cannot allocate.</param>
/// <exception cref="IOException">The disk is full or unavailable.</exception>
internal sealed class JournalSegment(string path, long room)
{
    private readonly SafeFileHandle _file = Open(path, room);

    public long Length { get; private set; }
    public int Pins { get; set; }
    public bool IsDirty { get; set; }

    /// <summary>Writes whole lines to the operating system, or leaves the file unchanged.</summary>
    /// <exception cref="IOException">The disk is full or unavailable.</exception>
    public void Append(ReadOnlySpan<byte> lines)
    {
        try
        {
            RandomAccess.Write(_file, lines, Length);
        }
        catch (IOException)
        {
            // Part of a line may have been written; truncating works on a full disk, too.
            RandomAccess.SetLength(_file, Length);
            throw;
        }
        Length += lines.Length;
        IsDirty = true;
    }

    public void FlushToDisk()
    {
        try
        {
            RandomAccess.FlushToDisk(_file);
        }
        catch (ObjectDisposedException)
        {
            // Deleted in the meantime: all of its entries are in Postgres.
        }
    }

    public void Close() => _file.Dispose();

    public void Delete()
    {
        Close();
        File.Delete(path);
    }

    /// <summary>Only the owner may read who called what, in a folder that only the owner may enter.</summary>
    private static SafeFileHandle Open(string path, long room)
    {
        var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, FileOptions.None, preallocationSize: room);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return file;
    }
}
