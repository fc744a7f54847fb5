using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace AiPipe.Proxy.Usage;

/// <summary>The position in a list: the next page starts after this entry. A forged one is harmless.</summary>
internal readonly record struct CallCursor(DateTimeOffset StartedAt, Guid Id)
{
    private const int Length = sizeof(long) + 16;

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        BinaryPrimitives.WriteInt64BigEndian(bytes, StartedAt.UtcTicks);
        Id.TryWriteBytes(bytes[sizeof(long)..], bigEndian: true, out _);
        return Base64Url.EncodeToString(bytes);
    }

    public static bool TryParse(string text, [NotNullWhen(true)] out CallCursor? cursor)
    {
        Span<byte> bytes = stackalloc byte[Length];
        cursor = null;
        if (!Base64Url.TryDecodeFromChars(text, bytes, out var written) || written != Length) return false;
        var ticks = BinaryPrimitives.ReadInt64BigEndian(bytes);
        if (ticks < 0 || ticks > DateTimeOffset.MaxValue.Ticks) return false;
        cursor = new CallCursor(new DateTimeOffset(ticks, TimeSpan.Zero), new Guid(bytes[sizeof(long)..], bigEndian: true));
        return true;
    }
}
