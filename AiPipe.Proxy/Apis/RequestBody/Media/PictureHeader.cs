using System.Buffers.Binary;

namespace AiPipe.Proxy.Apis.RequestBody.Media;

/// <summary>Reads the size of an image from its first bytes: PNG, JPEG, GIF and WebP.</summary>
internal static class PictureHeader
{
    /// <summary>The size of a JPEG follows its metadata: thumbnails and colour profiles.</summary>
    public const int MostBytes = 512 << 10;

    /// <returns><c>null</c> if the format is another one or the header is damaged.</returns>
    public static PictureSize? Read(ReadOnlySpan<byte> bytes)
    {
        var size = bytes switch
        {
            [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => Png(bytes),
            [0xFF, 0xD8, 0xFF, ..] => Jpeg(bytes),
            [(byte)'G', (byte)'I', (byte)'F', (byte)'8', ..] => Gif(bytes),
            [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => WebP(bytes),
            _ => default,
        };
        return size is { Width: > 0, Height: > 0 } ? size : null;
    }

    /// <summary>https://www.w3.org/TR/png-3/#11IHDR</summary>
    private static PictureSize Png(ReadOnlySpan<byte> bytes) => bytes.Length >= 24 && bytes[12..16].SequenceEqual("IHDR"u8)
        ? new(BinaryPrimitives.ReadInt32BigEndian(bytes[16..]), BinaryPrimitives.ReadInt32BigEndian(bytes[20..]))
        : default;

    /// <summary>The larger of the canvas and the first frame. https://www.w3.org/Graphics/GIF/spec-gif89a.txt</summary>
    private static PictureSize Gif(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 13) return default;
        var (width, height) = (Word(bytes, 6), Word(bytes, 8));
        var at = 13 + ((bytes[10] & 0x80) != 0 ? 3 << ((bytes[10] & 7) + 1) : 0);
        while (at + 9 < bytes.Length && bytes[at] == 0x21)
        {
            // An extension: a label and blocks up to an empty one.
            at += 2;
            while (at < bytes.Length && bytes[at] != 0) at += bytes[at] + 1;
            at++;
        }
        return at + 9 < bytes.Length && bytes[at] == 0x2C
            ? new(Math.Max(width, Word(bytes, at + 1) + Word(bytes, at + 5)), Math.Max(height, Word(bytes, at + 3) + Word(bytes, at + 7)))
            : default;
    }

    /// <summary>https://developers.google.com/speed/webp/docs/riff_container</summary>
    private static PictureSize WebP(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 30) return default;
        if (bytes[12..16].SequenceEqual("VP8X"u8)) return new(1 + Triple(bytes, 24), 1 + Triple(bytes, 27));
        if (bytes[12..16].SequenceEqual("VP8L"u8))
        {
            var bits = BinaryPrimitives.ReadUInt32LittleEndian(bytes[21..]);
            return new((int)(bits & 0x3FFF) + 1, (int)((bits >> 14) & 0x3FFF) + 1);
        }
        return bytes[12..16].SequenceEqual("VP8 "u8) && bytes[23..26].SequenceEqual((ReadOnlySpan<byte>)[0x9D, 0x01, 0x2A])
            ? new(Word(bytes, 26) & 0x3FFF, Word(bytes, 28) & 0x3FFF)
            : default;
    }

    /// <summary>The first start of frame (SOF); segments before it are skipped by their length. ITU-T T.81, annex B.</summary>
    private static PictureSize Jpeg(ReadOnlySpan<byte> bytes)
    {
        var at = 2;
        while (at + 9 < bytes.Length && bytes[at] == 0xFF)
        {
            var marker = bytes[at + 1];
            if (marker == 0xFF)
            {
                at++;
                continue;
            }
            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
            {
                return new(
                    BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 7)..]), BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 5)..]));
            }
            // The image data begins, or a marker without a length.
            if (marker is 0xDA or 0x01 or (>= 0xD0 and <= 0xD9)) return default;
            at += 2 + BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 2)..]);
        }
        return default;
    }

    private static int Word(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static int Triple(ReadOnlySpan<byte> bytes, int at) => bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16;
}
