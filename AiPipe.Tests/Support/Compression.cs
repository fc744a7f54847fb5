using System.IO.Compression;
using ZstdSharp;

namespace AiPipe.Tests.Support;

internal static class Compression
{
    /// <param name="coding">A content coding, or <c>raw deflate</c>, which has no zlib header.</param>
    public static async Task<byte[]> CompressAsync(byte[] content, string coding)
    {
        using var body = new MemoryStream();
        await using (var compressed = Open(body, coding)) await compressed.WriteAsync(content);
        return body.ToArray();
    }

    private static Stream Open(Stream body, string coding) => coding switch
    {
        "raw deflate" => new DeflateStream(body, CompressionMode.Compress, leaveOpen: true),
        "gzip" or "x-gzip" => new GZipStream(body, CompressionMode.Compress, leaveOpen: true),
        "br" => new BrotliStream(body, CompressionMode.Compress, leaveOpen: true),
        "zstd" => new CompressionStream(body, leaveOpen: true),
        _ => new ZLibStream(body, CompressionMode.Compress, leaveOpen: true),
    };
}
