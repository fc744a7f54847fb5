using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Unicode;

namespace AiPipe.Proxy.Metering;

/// <summary>
/// Writes the chunked encoding with trailers (https://www.rfc-editor.org/rfc/rfc9112#section-7.1), because Kestrel sends no trailers over
/// HTTP/1.1. A failed response has no last chunk, so the forwarder aborts the connection.
/// </summary>
/// <param name="isChunked">Called once, after the first read: true if the headers announce chunks; otherwise bytes pass unchanged.</param>
internal sealed class ChunkedResponse(Stream answer, Func<bool> isChunked, Func<ReadOnlyMemory<byte>> trailers) : ResponseStream(answer)
{
    private const int HeadLength = 6;
    private const int TailLength = 2;
    private const int LongestChunk = 0xFFFF;

    private bool? _isChunked;
    private ReadOnlyMemory<byte>? _ending;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        buffer.IsEmpty || _isChunked == false ? Answer.ReadAsync(buffer, cancellationToken)
        : _ending is not null ? ValueTask.FromResult(TakeEnding(buffer.Span))
        : ReadChunkAsync(buffer, cancellationToken);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReadChunkAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (buffer.Length <= HeadLength + TailLength) throw new ArgumentException("The buffer is too small for a chunk.", nameof(buffer));
        var room = buffer.Slice(HeadLength, Math.Min(LongestChunk, buffer.Length - HeadLength - TailLength));
        var read = await Answer.ReadAsync(room, cancellationToken);
        if (!(_isChunked ??= isChunked()))
        {
            room.Span[..read].CopyTo(buffer.Span);
            return read;
        }
        if (read == 0)
        {
            _ending = (byte[])[.. "0\r\n"u8, .. trailers().Span, .. "\r\n"u8];
            return TakeEnding(buffer.Span);
        }
        var chunk = buffer.Span;
        Utf8.TryWrite(chunk, CultureInfo.InvariantCulture, $"{read:x4}\r\n", out _);
        "\r\n"u8.CopyTo(chunk[(HeadLength + read)..]);
        return HeadLength + read + TailLength;
    }

    private int TakeEnding(Span<byte> buffer)
    {
        var ending = _ending!.Value;
        var count = Math.Min(buffer.Length, ending.Length);
        ending.Span[..count].CopyTo(buffer);
        _ending = ending[count..];
        return count;
    }
}
