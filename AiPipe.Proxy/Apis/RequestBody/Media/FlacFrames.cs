using System.Buffers.Binary;

namespace AiPipe.Proxy.Apis.RequestBody.Media;

/// <summary>Adds up the frames of a FLAC: an hour of silence has few bytes, and the total in its header may be missing or wrong.</summary>
internal static class FlacFrames
{
    /// <summary>Samples per second by the code in a frame's header; 0 = as in the stream's header, or written in the frame.</summary>
    private static readonly int[] Rates =
        [0, 88_200, 176_400, 192_000, 8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000, 0, 0, 0];

    /// <summary>Per second; assumed where the rate is written in a frame: the lowest in use.</summary>
    private const int LeastSamples = 8_000;

    /// <summary>RFC 9639, section 9.1. Every frame has a header with a checksum.</summary>
    public static double Seconds(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 26) return 0;
        // STREAMINFO: 20 bits of samples per second, then 36 bits of the number of samples.
        var rate = bytes[18] << 12 | bytes[19] << 4 | bytes[20] >> 4;
        if (rate == 0) rate = LeastSamples;
        var stated = ((bytes[21] & 15) * (double)(1L << 32) + BinaryPrimitives.ReadUInt32BigEndian(bytes[22..])) / rate;
        var seconds = 0.0;
        for (var at = 4; at + 6 < bytes.Length; at++)
        {
            if (bytes[at] != 0xFF || bytes[at + 1] is not (0xF8 or 0xF9) || BlockSize(bytes[at..]) is not { } samples) continue;
            var code = bytes[at + 2] & 15;
            seconds += samples / (double)(code >= 12 ? LeastSamples : Rates[code] > 0 ? Rates[code] : rate);
        }
        return Math.Max(seconds, stated);
    }

    /// <returns><c>null</c> if there is no frame header here.</returns>
    private static int? BlockSize(ReadOnlySpan<byte> frame)
    {
        var (size, rate) = (frame[2] >> 4, frame[2] & 15);
        if (size == 0 || rate == 15 || (frame[3] & 1) != 0) return null;
        // The number of the frame, coded as in UTF-8.
        var lead = System.Numerics.BitOperations.LeadingZeroCount((uint)(byte)~frame[4]) - 24;
        if (lead is 1 or 8) return null;
        var end = 4 + Math.Max(1, lead);
        var first = end;
        end += size == 6 ? 1 : size == 7 ? 2 : 0;
        end += rate == 12 ? 1 : rate is 13 or 14 ? 2 : 0;
        if (end >= frame.Length || Checksum(frame[..end]) != frame[end]) return null;
        return size switch
        {
            1 => 192,
            <= 5 => 144 << size,
            6 => frame[first] + 1,
            7 => (frame[first] << 8 | frame[first + 1]) + 1,
            _ => 1 << size,
        };
    }

    /// <summary>CRC-8 with the polynomial x⁸ + x² + x + 1.</summary>
    private static byte Checksum(ReadOnlySpan<byte> bytes)
    {
        byte crc = 0;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++) crc = (byte)((crc & 0x80) != 0 ? crc << 1 ^ 0x07 : crc << 1);
        }
        return crc;
    }
}
