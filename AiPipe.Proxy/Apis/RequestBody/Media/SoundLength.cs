using System.Buffers.Binary;

namespace AiPipe.Proxy.Apis.RequestBody.Media;

/// <summary>The longest that a sound can be, from its container.</summary>
internal static class SoundLength
{
    /// <summary>Bytes per second of a codec that is not read: below the lowest rate of Opus (6 kbit/s) and AMR (4.75 kbit/s).</summary>
    private const double LeastBytesPerSecond = 400;

    /// <summary>Bytes per second of MPEG-2 layer III at 8 kbit/s, the lowest rate of MP3 (ISO/IEC 13818-3).</summary>
    private const double LeastMp3BytesPerSecond = 1_000;

    /// <summary>In seconds.</summary>
    /// <param name="bytes">All of the sound.</param>
    public static double AtMost(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'A', (byte)'V', (byte)'E', ..] => Wav(bytes),
        [(byte)'f', (byte)'L', (byte)'a', (byte)'C', ..] => FlacFrames.Seconds(bytes),
        [(byte)'I', (byte)'D', (byte)'3', ..] or [0xFF, >= 0xE0, ..] => Mp3Frames.Seconds(bytes) ?? bytes.Length / LeastMp3BytesPerSecond,
        _ => bytes.Length / LeastBytesPerSecond,
    };

    /// <summary>Plain samples (PCM, floating point, 8-bit companded) have a known rate; other codecs in WAV do not.</summary>
    private static double Wav(ReadOnlySpan<byte> bytes)
    {
        for (var at = 12L; at + 24 <= bytes.Length;)
        {
            var chunk = bytes[(int)at..];
            if (!chunk.StartsWith("fmt "u8))
            {
                at += 8 + ((BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]) + 1L) & ~1L);
                continue;
            }
            var format = BinaryPrimitives.ReadUInt16LittleEndian(chunk[8..]);
            double channels = BinaryPrimitives.ReadUInt16LittleEndian(chunk[10..]);
            double samples = BinaryPrimitives.ReadUInt32LittleEndian(chunk[12..]);
            double stated = BinaryPrimitives.ReadUInt32LittleEndian(chunk[16..]);
            double bits = BinaryPrimitives.ReadUInt16LittleEndian(chunk[22..]);
            // A decoder may use either of the two rates.
            var rate = Math.Min(stated, samples * channels * bits / 8);
            return format is 1 or 3 or 6 or 7 or 0xFFFE && rate >= 1 ? bytes.Length / rate : bytes.Length / LeastBytesPerSecond;
        }
        return bytes.Length / LeastBytesPerSecond;
    }
}
