using System.IO.Compression;
using System.Net.Http.Headers;

namespace AiPipe.Proxy.Metering;

/// <summary>Decompresses a response that was compressed without request; its usage could not be read otherwise.</summary>
internal static class DecompressedResponse
{
    private const string ContentEncoding = "Content-Encoding";

    /// <summary>No server applies more; each costs memory.</summary>
    private const int MostCodings = 4;

    /// <summary>The coding that prevents a response from being read; <c>null</c> = it can be read.</summary>
    public static string? UnknownCoding(HttpContentHeaders headers)
    {
        var codings = Codings(headers);
        return codings.Length > MostCodings ? string.Join(", ", codings) : Array.Find(codings, static coding => Decoder(coding) is null);
    }

    /// <param name="isDecoded">True if the bytes are no longer those that the headers describe.</param>
    /// <returns>The decoded bytes; the bytes themselves if they have no coding, or an unknown one.</returns>
    public static Stream Open(Stream bytes, HttpContentHeaders headers, out bool isDecoded)
    {
        var codings = Codings(headers);
        isDecoded = codings.Length > 0 && UnknownCoding(headers) is null;
        if (!isDecoded) return bytes;
        // They are listed in the order in which they were applied: https://www.rfc-editor.org/rfc/rfc9110#section-8.4
        for (var i = codings.Length - 1; i >= 0; i--) bytes = Decoder(codings[i])!(bytes);
        return bytes;
    }

    /// <summary>As sent: the parsed header leaves out what it does not understand.</summary>
    private static string[] Codings(HttpContentHeaders headers) => !headers.NonValidated.TryGetValues(ContentEncoding, out var values) ? []
        : [.. values.SelectMany(static value => value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Where(static coding => !coding.Equals("identity", StringComparison.OrdinalIgnoreCase))];

    private static Func<Stream, Stream>? Decoder(string coding) => coding.ToUpperInvariant() switch
    {
        "GZIP" or "X-GZIP" => static bytes => new GZipStream(bytes, CompressionMode.Decompress),
        "BR" => static bytes => new BrotliStream(bytes, CompressionMode.Decompress),
        "DEFLATE" => static bytes => new InflatedResponse(bytes),
        _ => null,
    };
}
