using System.Runtime.CompilerServices;

namespace AiPipe.Proxy.Ledger;

internal static class JournalLines
{
    /// <summary>Bytes of the longest valid line. Longer ones are damage: a power failure can leave megabytes of zeros.</summary>
    public const int Longest = 1 << 20;

    /// <summary>
    /// The lines without their ends, each valid until the next. Overlong ones are empty; an unfinished last one is skipped.
    /// </summary>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        string file, [EnumeratorCancellation] CancellationToken cancellationToken)
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
