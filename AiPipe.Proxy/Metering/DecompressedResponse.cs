using System.IO.Compression;

namespace AiPipe.Proxy.Metering;

/// <summary>Undoes the compression of an answer that nobody asked to be compressed: its usage could not be read otherwise.</summary>
internal static class DecompressedResponse
{
    /// <summary>The answer's bytes, and their number where it is known.</summary>
    /// <param name="content">The provider's answer.</param>
    /// <param name="headers">The headers that go to the caller; they no longer speak of what was undone.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async ValueTask<(Stream Bytes, long? Length)> OpenAsync(
        HttpContent content, IHeaderDictionary headers, CancellationToken cancellationToken)
    {
        var bytes = await content.ReadAsStreamAsync(cancellationToken);
        // One that we do not know passes as it is; the call is then charged by estimate.
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
