namespace AiPipe.Proxy.Apis.RequestBody.Media;

/// <summary>Adds up the frames of an MP3, each of which states its own bit rate (ISO/IEC 11172-3, 13818-3).</summary>
internal static class Mp3Frames
{
    private static readonly int[] Rates = [44_100, 48_000, 32_000];
    private static readonly int[] KilobitsOfVersion1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
    private static readonly int[] KilobitsOfVersion2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];

    /// <returns><c>null</c> if a frame is of another layer or has no stated bit rate.</returns>
    public static double? Seconds(ReadOnlySpan<byte> bytes)
    {
        var seconds = 0.0;
        var at = bytes.StartsWith("ID3"u8) && bytes.Length > 10
            ? 10 + (bytes[6] << 21 | bytes[7] << 14 | bytes[8] << 7 | bytes[9]) : 0;
        while (at + 4 <= bytes.Length)
        {
            if (bytes[at] != 0xFF || (bytes[at + 1] & 0xE0) != 0xE0)
            {
                // Decoders look for the next frame.
                var next = bytes[(at + 1)..].IndexOf((byte)0xFF);
                if (next < 0) break;
                at += 1 + next;
                continue;
            }
            var (version, layer) = (bytes[at + 1] >> 3 & 3, bytes[at + 1] >> 1 & 3);
            var (bits, rate) = (bytes[at + 2] >> 4, bytes[at + 2] >> 2 & 3);
            if (version == 1 || layer == 0 || bits == 15 || rate == 3)
            {
                at++;
                continue;
            }
            if (layer != 1 || bits == 0) return null;
            var isFirst = version == 3;
            var samplesPerSecond = Rates[rate] / (isFirst ? 1 : version == 2 ? 2 : 4);
            var samples = isFirst ? 1152 : 576;
            var bitsPerSecond = (isFirst ? KilobitsOfVersion1 : KilobitsOfVersion2)[bits] * 1000;
            seconds += (double)samples / samplesPerSecond;
            at += samples / 8 * bitsPerSecond / samplesPerSecond + (bytes[at + 2] >> 1 & 1);
        }
        return seconds;
    }
}
