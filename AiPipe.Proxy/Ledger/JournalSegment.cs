using Microsoft.Win32.SafeHandles;

namespace AiPipe.Proxy.Ledger;

/// <summary>
/// One append-only file of a journal. Its room on the disk is taken when it is made, so that lines find it on a disk that others have
/// filled since. Its owner's lock guards everything but <see cref="FlushToDisk"/>.
/// </summary>
/// <param name="path">A file that is not there yet.</param>
/// <param name="room">Bytes that it can take for certain; on file systems that know no such thing, nothing is certain.</param>
/// <exception cref="IOException">The disk is full or gone.</exception>
internal sealed class JournalSegment(string path, long room)
{
    private readonly SafeFileHandle _file =
        File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, FileOptions.None, preallocationSize: room);

    public long Length { get; private set; }
    /// <summary>How many records in it are still needed should this process die now.</summary>
    public int Pins { get; set; }
    /// <summary>Something was written since it was last flushed to the disk.</summary>
    public bool IsDirty { get; set; }

    /// <summary>Hands whole lines to the operating system, or leaves the file as it was.</summary>
    /// <exception cref="IOException">The disk is full or gone.</exception>
    public void Append(ReadOnlySpan<byte> lines)
    {
        try
        {
            RandomAccess.Write(_file, lines, Length);
        }
        catch (IOException)
        {
            // Part of a line may stand there now; shortening a file works on a full disk too.
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
            // Deleted meanwhile: all of it is in Postgres.
        }
    }

    public void Close() => _file.Dispose();

    public void Delete()
    {
        Close();
        File.Delete(path);
    }
}
