using System.Net.Http.Headers;

namespace AiPipe.Proxy.Metering;

/// <summary>Decompresses a response that was compressed without request; its usage could not be read otherwise.</summary>
internal static class DecompressedResponse
{
    private const string ContentEncoding = "Content-Encoding";

    /// <summary>The coding that prevents a response from being read; <c>null</c> = it can be read.</summary>
    public static string? UnknownCoding(HttpContentHeaders headers) => ContentCoding.FindUnknown(Codings(headers));

    /// <param name="isDecoded">True if the bytes are no longer those that the headers describe.</param>
    /// <returns>The decoded bytes; the bytes themselves if they have no coding, or an unknown one.</returns>
    public static Stream Open(Stream bytes, HttpContentHeaders headers, out bool isDecoded)
    {
        var codings = Codings(headers);
        isDecoded = codings.Length > 0 && ContentCoding.FindUnknown(codings) is null;
        return isDecoded ? ContentCoding.Decode(bytes, codings) : bytes;
    }

    /// <summary>As sent: the parsed header leaves out what it does not understand.</summary>
    private static string[] Codings(HttpContentHeaders headers) =>
        headers.NonValidated.TryGetValues(ContentEncoding, out var values) ? ContentCoding.Read(values) : [];
}
