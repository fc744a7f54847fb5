using System.Buffers.Text;
using System.IO.Compression;

namespace AiPipe.Proxy.Apis.RequestBody.Media;

/// <summary>
/// Computes upper bounds of the pages and the text of a PDF: every page object and every stated number of pages, and every string
/// in a stream (ISO 32000-2, 7.7.3 and 9.4.3). Compressed streams are inflated one after the other, within a bound.
/// </summary>
internal ref struct PdfContent
{
    /// <summary>Of all streams of one document; a larger one has no bound.</summary>
    private const int MostInflated = 32 << 20;
    private const int MostPages = 1_000_000;

    /// <summary>Spaces and line ends that the text gets from the layout of a page.</summary>
    private const int LayoutTokensPerPage = 64;

    private readonly byte[] _buffer = new byte[32 << 10];
    private long _pageObjects, _stated, _text, _inflated;
    private bool _isUnknown;

    public PdfContent()
    {
    }

    /// <returns><c>null</c> if the document hides its pages: it is encrypted, or compressed in another way.</returns>
    public static MediaPart? Measure(ReadOnlySpan<byte> bytes)
    {
        var content = new PdfContent();
        content.Read(bytes);
        var pages = Math.Max(content._pageObjects, content._stated);
        return content._isUnknown || pages == 0 ? null
            : new MediaPart(MediaKind.Document) { Pages = pages, TextTokens = content._text + pages * LayoutTokensPerPage };
    }

    private void Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IndexOf("/Encrypt"u8) >= 0) _isUnknown = true;
        while (!_isUnknown && bytes.IndexOf("stream"u8) is >= 0 and var at)
        {
            var before = bytes[..at];
            CountObjects(before);
            var dictionary = before[Math.Max(0, before.LastIndexOf("obj"u8))..];
            bytes = bytes[(at + "stream"u8.Length)..];
            var end = bytes.IndexOf("endstream"u8);
            if (end < 0) end = bytes.Length;
            var data = bytes[..end];
            if (data.StartsWith("\r\n"u8)) data = data[2..];
            else if (data.StartsWith("\n"u8)) data = data[1..];
            ReadStream(dictionary, data);
            bytes = bytes[Math.Min(bytes.Length, end + "endstream"u8.Length)..];
        }
        CountObjects(bytes);
    }

    private void ReadStream(ReadOnlySpan<byte> dictionary, ReadOnlySpan<byte> data)
    {
        // Neither text nor objects: images, fonts, the table of objects, colour profiles, descriptions.
        if (Has(dictionary, "/Image"u8) || Has(dictionary, "/XRef"u8) || Has(dictionary, "/Metadata"u8) || Has(dictionary, "/Length1"u8)
            || Has(dictionary, "/CIDFontType0C"u8) || Has(dictionary, "/Type1C"u8) || Has(dictionary, "/OpenType"u8)) return;
        if (!Has(dictionary, "/Filter"u8))
        {
            CountObjects(data);
            CountText(data);
            return;
        }
        var isFlate = Has(dictionary, "/FlateDecode"u8) && !Has(dictionary, "/LZWDecode"u8) && !Has(dictionary, "/ASCII85Decode"u8)
            && !Has(dictionary, "/ASCIIHexDecode"u8) && !Has(dictionary, "/RunLengthDecode"u8) && !Has(dictionary, "/Crypt"u8);
        if (!isFlate || !Inflate(data)) _isUnknown = true;
    }

    private bool Inflate(ReadOnlySpan<byte> data)
    {
        try
        {
            using var source = new MemoryStream(data.ToArray(), writable: false);
            using var inflated = new ZLibStream(source, CompressionMode.Decompress);
            using var all = new MemoryStream();
            while (inflated.Read(_buffer) is > 0 and var read)
            {
                if ((_inflated += read) > MostInflated) return false;
                all.Write(_buffer, 0, read);
            }
            var bytes = all.GetBuffer().AsSpan(0, (int)all.Length);
            CountObjects(bytes);
            CountText(bytes);
            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    private void CountObjects(ReadOnlySpan<byte> bytes)
    {
        for (var rest = bytes; rest.IndexOf("/Page"u8) is >= 0 and var at; rest = rest[(at + 5)..])
        {
            // Not /Pages, /PageLabels …
            if (at + 5 >= rest.Length || !char.IsAsciiLetterOrDigit((char)rest[at + 5])) _pageObjects++;
        }
        for (var rest = bytes; rest.IndexOf("/Count"u8) is >= 0 and var at; rest = rest[(at + 6)..])
        {
            if (Utf8Parser.TryParse(rest[(at + 6)..].TrimStart(" \r\n\t\0\f"u8), out long count, out _) && count <= MostPages)
                _stated = Math.Max(_stated, count);
        }
        // A name may be written with codes: /P#61ge.
        for (var rest = bytes; rest.IndexOf((byte)'#') is >= 0 and var at; rest = rest[(at + 1)..])
        {
            if (at + 2 < rest.Length && char.IsAsciiHexDigit((char)rest[at + 1]) && char.IsAsciiHexDigit((char)rest[at + 2]))
                _pageObjects++;
        }
    }

    /// <summary>The bytes of strings: each is at most one character, and few characters are more than one token.</summary>
    private void CountText(ReadOnlySpan<byte> bytes)
    {
        var depth = 0;
        for (var at = 0; at < bytes.Length; at++)
        {
            switch (bytes[at])
            {
                case (byte)'\\' when depth > 0:
                    at++;
                    _text++;
                    break;
                case (byte)'(':
                    if (depth++ > 0) _text++;
                    break;
                case (byte)')':
                    if (depth > 0 && --depth > 0) _text++;
                    break;
                case (byte)'<' when depth == 0:
                    var end = bytes[at..].IndexOf((byte)'>');
                    if (end < 0) break;
                    _text += end / 2;
                    at += end;
                    break;
                default:
                    if (depth > 0) _text++;
                    break;
            }
        }
    }

    private static bool Has(ReadOnlySpan<byte> dictionary, ReadOnlySpan<byte> name)
    {
        for (; dictionary.IndexOf(name) is >= 0 and var at; dictionary = dictionary[(at + name.Length)..])
        {
            // Not a longer name: /ImageB is no image.
            if (at + name.Length >= dictionary.Length || !char.IsAsciiLetterOrDigit((char)dictionary[at + name.Length])) return true;
        }
        return false;
    }
}
