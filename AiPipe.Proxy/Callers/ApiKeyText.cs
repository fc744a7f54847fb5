using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace AiPipe.Proxy.Callers;

/// <summary>The text of our API keys, shown once; only its hash is stored.</summary>
internal static class ApiKeyText
{
    /// <summary>A key with this prefix is never a BYOK key.</summary>
    public const string Start = "sk-cfw";

    /// <summary>The prefix that is shown later to identify a key: 4 of 40 random characters.</summary>
    public const int ShownLength = 10;

    private const int RandomLength = 40;
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    public static bool LooksLike(string token) => token.StartsWith(Start, StringComparison.Ordinal);

    /// <summary>A new key: 238 random bits.</summary>
    public static string New() => Start + RandomNumberGenerator.GetString(Alphabet, RandomLength);

    /// <summary>SHA-256 of a key's text: a slow hash is not needed for random text.</summary>
    /// <returns>False for text that is too long or not ASCII.</returns>
    public static bool TryHash(ReadOnlySpan<char> text, out KeyHash hash)
    {
        Span<byte> ascii = stackalloc byte[Start.Length + RandomLength];
        Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
        hash = default;
        if (text.Length != ascii.Length || !Ascii.IsValid(text)) return false;
        Encoding.ASCII.GetBytes(text, ascii);
        SHA256.HashData(ascii, bytes);
        hash = KeyHash.Read(bytes);
        return true;
    }
}

internal readonly record struct KeyHash(UInt128 High, UInt128 Low)
{
    public static KeyHash Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt128BigEndian(bytes), BinaryPrimitives.ReadUInt128BigEndian(bytes[16..]));

    public byte[] ToBytes()
    {
        var bytes = new byte[SHA256.HashSizeInBytes];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt128BigEndian(bytes.AsSpan(16), Low);
        return bytes;
    }
}
