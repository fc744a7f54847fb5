using System.IO.Compression;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace AiPipe.Proxy.Metering;

/// <summary>The codings of <c>Content-Encoding</c> that AiPipe can decode, in requests and in responses.</summary>
internal static class ContentCoding
{
    /// <summary>For messages.</summary>
    public const string Known = "gzip, br, deflate or zstd";

    /// <summary>No client or server applies more; each costs memory.</summary>
    private const int MostCodings = 4;

    /// <summary>The largest window of zstd over HTTP, 8 MiB: https://www.rfc-editor.org/rfc/rfc9659.</summary>
    private const int MostWindowBits = 23;

    /// <summary>The codings in a header's values, in the order in which they were applied, without <c>identity</c>.</summary>
    public static string[] Read(IEnumerable<string?> values) =>
        [.. values.SelectMany(static value => (value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Where(static coding => !coding.Equals("identity", StringComparison.OrdinalIgnoreCase))];

    /// <summary>What cannot be decoded; <c>null</c> = everything can.</summary>
    public static string? FindUnknown(string[] codings) =>
        codings.Length > MostCodings ? string.Join(", ", codings) : Array.Find(codings, static coding => Decoder(coding) is null);

    /// <summary>The decoded bytes; disposing them disposes <paramref name="bytes"/>.</summary>
    /// <param name="codings">Known ones.</param>
    public static Stream Decode(Stream bytes, string[] codings)
    {
        // They are listed in the order in which they were applied: https://www.rfc-editor.org/rfc/rfc9110#section-8.4
        for (var i = codings.Length - 1; i >= 0; i--) bytes = Decoder(codings[i])!(bytes);
        return bytes;
    }

    /// <summary>True for what decoders throw at bytes that do not have their coding.</summary>
    public static bool IsMalformed(Exception e) => e is InvalidDataException or ZstdException or EndOfStreamException
        || (e is InvalidOperationException && e.TargetSite?.DeclaringType?.Namespace == typeof(BrotliStream).Namespace);

    private static Func<Stream, Stream>? Decoder(string coding) => coding.ToUpperInvariant() switch
    {
        "GZIP" or "X-GZIP" => static bytes => new GZipStream(bytes, CompressionMode.Decompress),
        "BR" => static bytes => new BrotliStream(bytes, CompressionMode.Decompress),
        "DEFLATE" => static bytes => new InflatedResponse(bytes),
        "ZSTD" => Zstd,
        _ => null,
    };

    private static DecompressionStream Zstd(Stream bytes)
    {
        var decoded = new DecompressionStream(bytes, leaveOpen: false);
        decoded.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, MostWindowBits);
        return decoded;
    }
}
