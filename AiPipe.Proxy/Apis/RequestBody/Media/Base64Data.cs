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

    /// <summary>Decodes all of it.</summary>
    /// <returns><c>null</c> if it is longer or if a part is not valid base64, which the provider may read otherwise.</returns>
    public byte[]? DecodeAll(int most)
    {
        if (!IsBase64 || Length > most) return null;
        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(_text.Length) + 3];
        var status = Base64.DecodeFromUtf8(_text, bytes, out _, out var written);
        return status == OperationStatus.Done ? bytes[..written] : null;
    }

    /// <summary>Resolves <c>\/</c> and removes escaped line ends. Other escapes stay, and are not valid base64.</summary>
    private static ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> value)
    {
        var written = new ArrayBufferWriter<byte>(value.Length);
        while (value.IndexOf((byte)'\\') is >= 0 and var at && at + 1 < value.Length)
        {
            written.Write(value[..at]);
            var isSlash = value[at + 1] == '/';
            if (!isSlash && value[at + 1] is not ((byte)'n' or (byte)'r')) written.Write("\\"u8);
            value = value[(isSlash ? at + 1 : at + 2)..];
        }
        written.Write(value);
        return written.WrittenSpan;
    }
}
