using System.IO.Compression;

namespace AiPipe.Proxy.Metering;

/// <summary>Decompresses a response that was compressed without request; its usage could not be read otherwise.</summary>
internal static class DecompressedResponse
{
    public static async ValueTask<(Stream Bytes, long? Length)> OpenAsync(
        HttpContent content, IHeaderDictionary headers, CancellationToken cancellationToken)
    {
        var bytes = await content.ReadAsStreamAsync(cancellationToken);
        // An unknown coding passes unchanged; the call is then charged by estimate.
        if (content.Headers.ContentEncoding is not { Count: 1 } codings || Decoded(bytes, codings.First()) is not { } decoded)
            return (bytes, content.Headers.ContentLength);
        headers.ContentEncoding = default;
        headers.ContentLength = null;
        return (decoded, null);
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
