using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace AiPipe.Proxy.Usage;

/// <summary>
/// Where a list goes on: after this entry. On the wire it is text that means nothing to callers; one that somebody makes up is a place
/// like any other, since it says nothing about whose entries are listed.
/// </summary>
/// <param name="StartedAt">The entry's.</param>
/// <param name="Id">The entry's.</param>
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

    /// <summary>False for what no list has answered.</summary>
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
