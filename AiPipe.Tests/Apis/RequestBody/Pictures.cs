using System.Buffers.Binary;
using System.Text;

namespace AiPipe.Tests.Apis.RequestBody;

/// <summary>The beginnings of image files.</summary>
internal static class Pictures
{
    internal static byte[] Png(int width, int height) =>
    [
        0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, .. "IHDR"u8, .. Big(width), .. Big(height), 8, 2, 0, 0,
            0,
    ];

    /// <param name="metadata">The length of what stands before the size: a thumbnail with a size of its own.</param>
    internal static byte[] Jpeg(int width, int height, int metadata = 0)
    {
        byte[] frame = [0xFF, 0xC0, 0, 17, 8, .. Big(height)[2..], .. Big(width)[2..], 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1];
        byte[] thumbnail = [.. Enumerable.Repeat((byte)0, metadata), 0xFF, 0xC0, 0, 17, 8, 0, 1, 0, 1];
        return [0xFF, 0xD8, 0xFF, 0xE1, .. Big(thumbnail.Length + 2)[2..], .. thumbnail, .. frame];
    }

    internal static byte[] Gif(int width, int height) =>
        [.. Encoding.ASCII.GetBytes("GIF89a"), .. Small(width), .. Small(height), 0, 0, 0, 0x21, 0xF9, 4, 0, 0, 0, 0, 0, 0x2C, 0, 0, 0, 0,
            .. Small(width), .. Small(height), 0];

    internal static byte[] WebP(int width, int height) =>
        [.. "RIFF\0\0\0\0WEBPVP8X"u8, 10, 0, 0, 0, 0, 0, 0, 0, .. Triple(width - 1), .. Triple(height - 1)];

    private static byte[] Big(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Small(int value) => [(byte)value, (byte)(value >> 8)];

    private static byte[] Triple(int value) => [(byte)value, (byte)(value >> 8), (byte)(value >> 16)];
}
