using System.IO.Compression;
using System.Net.Http.Headers;

namespace AiPipe.Proxy.Metering;

/// <summary>Decompresses a response that was compressed without request; its usage could not be read otherwise.</summary>
internal static class DecompressedResponse
{
    /// <param name="isDecoded">True if the bytes are no longer those that the headers describe.</param>
    /// <returns>The decoded bytes; the bytes themselves if they have no coding, or an unknown one.</returns>
    public static Stream Open(Stream bytes, HttpContentHeaders headers, out bool isDecoded)
    {
        var decoded = headers.ContentEncoding is { Count: 1 } codings ? Decoded(bytes, codings.First()) : null;
        isDecoded = decoded is not null;
        return decoded ?? bytes;
    }

    private static Stream? Decoded(Stream bytes, string coding) => coding.ToUpperInvariant() switch
    {
        "GZIP" or "X-GZIP" => new GZipStream(bytes, CompressionMode.Decompress),
        "BR" => new BrotliStream(bytes, CompressionMode.Decompress),
        // https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1.2
        "DEFLATE" => new ZLibStream(bytes, CompressionMode.Decompress),
        _ => null,
    };
}
