using System.Buffers;
using System.Buffers.Text;

namespace AiPipe.Proxy.Apis.RequestBody.Media;

/// <summary>The value of a JSON string that contains base64 data, with or without a prefix <c>data:image/png;base64,</c>.</summary>
internal readonly ref struct Base64Data
{
    private const int LongestPrefix = 256;

    private readonly ReadOnlySpan<byte> _text;

    /// <param name="value">Without quotes, as in the body.</param>
    /// <param name="isEscaped">True if it may contain escapes (<c>\/</c>), which some clients write.</param>
    public Base64Data(ReadOnlySpan<byte> value, bool isEscaped)
    {
        if (isEscaped) value = Unescape(value);
        if (value.StartsWith("data:"u8))
        {
            var prefix = value[..Math.Min(value.Length, LongestPrefix)];
            if (prefix.IndexOf((byte)',') is not (>= 0 and var comma)) return;
            MediaType = prefix["data:".Length..comma];
            IsBase64 = MediaType.EndsWith(";base64"u8);
            value = value[(comma + 1)..];
        }
        else
        {
            IsBase64 = true;
        }
        _text = value;
    }

    /// <summary>With its parameters; empty if there is no prefix.</summary>
    public ReadOnlySpan<byte> MediaType { get; }

    public bool IsBase64 { get; }

    public long Length => (long)_text.Length * 3 / 4;

    /// <summary>Decodes the first bytes; fewer if the text is shorter or is not valid base64.</summary>
    public byte[] Decode(int most)
    {
        if (!IsBase64) return [];
        var text = _text[..(int)Math.Min(_text.Length, ((long)most + 2) / 3 * 4)];
        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length) + 3];
        _ = Base64.DecodeFromUtf8(text, bytes, out _, out var written, isFinalBlock: text.Length == _text.Length);
        return bytes[..written];
    }

    /// <summary>Removes the backslash of <c>\/</c>. Other escapes stay; they are not valid base64, and end what is decoded.</summary>
    private static ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> value)
    {
        var written = new ArrayBufferWriter<byte>(value.Length);
        while (value.IndexOf("\\/"u8) is >= 0 and var at)
        {
            written.Write(value[..at]);
            value = value[(at + 1)..];
        }
        written.Write(value);
        return written.WrittenSpan;
    }
}
