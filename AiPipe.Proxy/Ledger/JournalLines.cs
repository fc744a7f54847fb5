using System.Runtime.CompilerServices;

namespace AiPipe.Proxy.Ledger;

/// <summary>Reads a journal's file line by line, however long the file is.</summary>
internal static class JournalLines
{
    /// <summary>Bytes of the longest line that is written. What is longer is damage: a power cut can leave megabytes of zeros.</summary>
    public const int Longest = 1 << 20;

    /// <summary>
    /// The lines, without their ends; each is good until the next is asked for. One that is too long comes out empty. What follows the
    /// last line's end was never finished, and is left out.
    /// </summary>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(string file, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var buffer = new byte[Longest];
        var (filled, skips) = (0, false);
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0, useAsync: true);
        while (await stream.ReadAsync(buffer.AsMemory(filled), cancellationToken) is > 0 and var read)
        {
            filled += read;
            var start = 0;
            while (buffer.AsSpan(start, filled - start).IndexOf((byte)'\n') is >= 0 and var length)
            {
                yield return skips ? default : buffer.AsMemory(start, length);
                skips = false;
                start += length + 1;
            }
            buffer.AsSpan(start, filled - start).CopyTo(buffer);
            filled -= start;
            if (filled < buffer.Length) continue;
            (filled, skips) = (0, true);
        }
    }
}
