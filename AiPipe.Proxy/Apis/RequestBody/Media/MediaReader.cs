using System.Text.Unicode;

namespace AiPipe.Proxy.Apis.RequestBody.Media;

/// <summary>Reads what data in a request reveals of its cost.</summary>
internal static class MediaReader
{
    /// <summary>Larger data than any provider accepts in a request has no bound.</summary>
    private const int MostBytes = 64 << 20;

    /// <summary>PDF readers accept other bytes before the header (ISO 32000-1, implementation notes).</summary>
    private const int PdfHeaderWithin = 1_024;

    private static readonly byte[][] Archives =
        [[(byte)'P', (byte)'K'], [0xD0, 0xCF, 0x11, 0xE0], [0x1F, 0x8B], [(byte)'7', (byte)'z', 0xBC]];

    public static MediaPart Picture(ReadOnlySpan<byte> value, bool isEscaped, bool isLowDetail) => new(MediaKind.Picture)
    {
        Size = PictureHeader.Read(new Base64Data(value, isEscaped).Decode(PictureHeader.MostBytes)),
        IsLowDetail = isLowDetail,
    };

    /// <returns><c>null</c> if it cannot be read.</returns>
    public static MediaPart? Sound(ReadOnlySpan<byte> value, bool isEscaped) =>
        new Base64Data(value, isEscaped).DecodeAll(MostBytes) is { } bytes
            ? new MediaPart(MediaKind.Sound) { Seconds = SoundLength.AtMost(bytes) } : null;

    /// <summary>A file: a PDF, or text.</summary>
    /// <param name="isPdf">True if the request says so.</param>
    /// <param name="part"><c>null</c> for text: a token has at least one byte.</param>
    /// <returns>False if it may contain more than its bytes show: an archive, an office document, an encrypted PDF.</returns>
    public static bool TryFile(ReadOnlySpan<byte> value, bool isEscaped, bool isPdf, out MediaPart? part)
    {
        part = null;
        var data = new Base64Data(value, isEscaped);
        if (data.DecodeAll(MostBytes) is not { } all) return false;
        var bytes = all.AsSpan();
        isPdf |= data.MediaType.IndexOf("pdf"u8) >= 0;
        if (isPdf || bytes[..Math.Min(bytes.Length, PdfHeaderWithin)].IndexOf("%PDF"u8) >= 0)
        {
            part = PdfContent.Measure(bytes);
            // Without an object it is no PDF for any reader.
            if (part is not null || bytes.IndexOf("obj"u8) >= 0) return part is not null;
        }
        foreach (var archive in Archives)
        {
            if (bytes.StartsWith(archive)) return false;
        }
        return isPdf || (Utf8.IsValid(bytes) && !bytes.Contains((byte)0));
    }
}
