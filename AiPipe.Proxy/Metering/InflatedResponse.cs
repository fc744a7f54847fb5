using System.IO.Compression;

namespace AiPipe.Proxy.Metering;

/// <summary>
/// Decompresses the coding <c>deflate</c>: zlib data by the standard (https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1.2), but some
/// servers send deflate data without zlib's header.
/// </summary>
internal sealed class InflatedResponse(Stream response) : ResponseStream(response)
{
    private const int HeaderLength = 2;

    private readonly byte[] _header = new byte[HeaderLength];
    private int _count;
    private Stream? _inflated;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // A read that is interrupted goes on where it was.
        while (_inflated is null)
        {
            var read = await Answer.ReadAsync(_header.AsMemory(_count), cancellationToken);
            _count += read;
            if (read == 0 || _count == HeaderLength) _inflated = Open();
        }
        return await _inflated.ReadAsync(buffer, cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _inflated?.Dispose();
        base.Dispose(disposing);
    }

    private Stream Open()
    {
        var whole = new HeaderedStream(_header.AsMemory(0, _count), Answer);
        return IsZlib(_header) ? new ZLibStream(whole, CompressionMode.Decompress) : new DeflateStream(whole, CompressionMode.Decompress);
    }

    /// <summary>The method is 8, and the header is a multiple of 31: https://www.rfc-editor.org/rfc/rfc1950#section-2.2</summary>
    private static bool IsZlib(byte[] header) => (header[0] & 0x0F) == 8 && ((header[0] << 8) | header[1]) % 31 == 0;

    /// <summary>The bytes that were read already, then the rest.</summary>
    private sealed class HeaderedStream(ReadOnlyMemory<byte> header, Stream rest) : ResponseStream(rest)
    {
        private ReadOnlyMemory<byte> _header = header;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_header.IsEmpty) return Answer.ReadAsync(buffer, cancellationToken);
            var count = Math.Min(buffer.Length, _header.Length);
            _header[..count].CopyTo(buffer);
            _header = _header[count..];
            return ValueTask.FromResult(count);
        }
    }
}
