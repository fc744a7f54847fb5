using System.Buffers.Binary;
using AiPipe.Proxy.Apis.RequestBody.Media;

namespace AiPipe.Tests.Apis.RequestBody.Media;

public sealed class SoundTests
{
    [Theory]
    [InlineData(1, 16_000, 1, 16, 10)]
    [InlineData(1, 48_000, 2, 16, 10)]
    [InlineData(3, 24_000, 1, 32, 10)]
    [InlineData(7, 8_000, 1, 8, 60)]
    public void A_wave_lasts_as_long_as_its_samples(int format, int rate, int channels, int bits, int seconds) =>
        Assert.Equal(seconds, SoundLength.AtMost(Wave(format, rate, channels, bits, seconds * rate * channels * bits / 8)), tolerance: 0.1);

    [Fact]
    public void A_wave_that_hides_a_codec_may_last_longer()
    {
        Assert.Equal(100, SoundLength.AtMost(Wave(format: 49, 8_000, 1, 16, 40_000)), tolerance: 0.2);
        Assert.Equal(100, SoundLength.AtMost(Wave(format: 1, 0, 1, 16, 40_000)), tolerance: 0.2);
    }

    /// <summary>Ten hours of silence have few bytes: each frame has 65,535 samples.</summary>
    [Theory]
    [InlineData(0L)]
    [InlineData(16_000L)]
    [InlineData(576_000_000L)]
    public void Silence_in_flac_lasts_as_long_as_its_frames(long stated)
    {
        var file = new List<byte> { (byte)'f', (byte)'L', (byte)'a', (byte)'C', 0x80, 0, 0, 34 };
        file.AddRange(new byte[10]);
        // 16,000 samples a second, one channel, 16 bits.
        file.AddRange([16_000 >> 12, (16_000 >> 4) & 0xFF, 0, (byte)(0xF0 | stated >> 32), (byte)(stated >> 24), (byte)(stated >> 16),
            (byte)(stated >> 8), (byte)stated]);
        file.AddRange(new byte[16]);
        for (var frame = 0; frame < 8_789; frame++)
        {
            byte[] header = [0xFF, 0xF8, 0x75, 0x08, .. Number(frame), 0xFF, 0xFE];
            file.AddRange([.. header, Checksum(header), 0, 0, 0, 0, 0]);
        }
        Assert.Equal(36_000, SoundLength.AtMost([.. file]), tolerance: 10);
    }

    [Fact]
    public void An_mp3_lasts_as_long_as_its_frames()
    {
        // 128 kbit/s and 44,100 Hz: 417 bytes for 1,152 samples.
        byte[] frame = [0xFF, 0xFB, 0x90, 0, .. new byte[413]];
        var file = Enumerable.Repeat(frame, 1_000).SelectMany(bytes => bytes).ToArray();
        Assert.Equal(26.1, SoundLength.AtMost(file), tolerance: 0.1);
        byte[] tagged = [.. "ID3"u8, 4, 0, 0, 0, 0, 0, 100, .. new byte[100], .. file];
        Assert.Equal(26.1, SoundLength.AtMost(tagged), tolerance: 0.1);
        // 8 kbit/s and 24,000 Hz.
        byte[] slow = [0xFF, 0xF3, 0x14, 0, .. new byte[20]];
        Assert.Equal(24, SoundLength.AtMost([.. Enumerable.Repeat(slow, 1_000).SelectMany(bytes => bytes)]), tolerance: 0.1);
        // Without a stated bit rate, the lowest one.
        Assert.Equal(10, SoundLength.AtMost([0xFF, 0xFB, 0x00, 0, .. new byte[9_996]]), tolerance: 0.1);
    }

    [Theory]
    [InlineData("OggS")]
    [InlineData("FORM")]
    [InlineData("\0\0\0\u001cftyp")]
    public void Any_other_sound_lasts_as_long_as_its_bytes_allow(string start)
    {
        var file = new byte[40_000];
        System.Text.Encoding.Latin1.GetBytes(start).CopyTo(file, 0);
        Assert.Equal(100, SoundLength.AtMost(file), tolerance: 0.1);
    }

    private static byte[] Wave(int format, int rate, int channels, int bits, int length)
    {
        var file = new byte[44 + length];
        "RIFF"u8.CopyTo(file);
        "WAVEfmt "u8.CopyTo(file.AsSpan(8));
        file[16] = 16;
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(20), (ushort)format);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(22), (ushort)channels);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(24), rate);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(28), rate * channels * bits / 8);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(34), (ushort)bits);
        return file;
    }

    private static byte[] Number(int value) => value < 0x80 ? [(byte)value]
        : value < 0x800 ? [(byte)(0xC0 | value >> 6), (byte)(0x80 | value & 63)]
        : [(byte)(0xE0 | value >> 12), (byte)(0x80 | value >> 6 & 63), (byte)(0x80 | value & 63)];

    private static byte Checksum(byte[] bytes)
    {
        var crc = 0;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 0x80) != 0 ? (crc << 1 ^ 7) & 0xFF : crc << 1;
        }
        return (byte)crc;
    }
}
