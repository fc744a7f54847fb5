using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace AiPipe.Proxy.Journey.Authentication;

/// <summary>
/// JSON Web Tokens signed with HMAC-SHA256, and with nothing else: the algorithm is fixed here, so that a token cannot choose it
/// (RFC 8725 §3.1).
/// </summary>
internal static class Jwt
{
    /// <summary>The longest token looked at, in characters: more than any of ours and less than a server's header limit.</summary>
    public const int MaxLength = 4096;

    private static readonly string Header = Base64Url.EncodeToString("""{"alg":"HS256"}"""u8);

    /// <summary>The decoder passes over blanks and padding, which no token has (RFC 7515 §2): one token would have many spellings.</summary>
    private static readonly SearchValues<char> Letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    /// <summary>True for text of the shape <c>a.b.c</c>.</summary>
    public static bool LooksLike(ReadOnlySpan<char> token) => token.Count('.') == 2;

    public static string Sign(ReadOnlySpan<byte> payload, byte[] secret)
    {
        var signed = $"{Header}.{Base64Url.EncodeToString(payload)}";
        var signature = HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(signed));
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    /// <summary>The payload's bytes when the signature is right; <c>null</c> for anything else, whatever is wrong with it.</summary>
    public static byte[]? Verify(string token, byte[] secret)
    {
        if (token.Length > MaxLength || token.AsSpan().ContainsAnyExcept(Letters)) return null;
        var signedEnd = token.LastIndexOf('.');
        var headerEnd = token.IndexOf('.');
        if (headerEnd < 0 || headerEnd == signedEnd) return null;

        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        if (!TryDecode(token.AsSpan(signedEnd + 1), given, out var length) || length != given.Length) return null;
        Span<byte> ascii = stackalloc byte[MaxLength];
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret, ascii[..Encoding.ASCII.GetBytes(token.AsSpan(0, signedEnd), ascii)], expected);
        if (!CryptographicOperations.FixedTimeEquals(given, expected)) return null;

        return IsOurHeader(token.AsSpan(0, headerEnd)) ? Decode(token.AsSpan(headerEnd + 1, signedEnd - headerEnd - 1)) : null;
    }

    private static bool IsOurHeader(ReadOnlySpan<char> header)
    {
        if (header.SequenceEqual(Header)) return true;
        if (Decode(header) is not { } json) return false;
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("alg", out var algorithm) && algorithm.ValueKind == JsonValueKind.String
                && algorithm.ValueEquals("HS256"u8)
                && !root.TryGetProperty("crit", out _);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static byte[]? Decode(ReadOnlySpan<char> text)
    {
        var bytes = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        return TryDecode(text, bytes, out var length) ? bytes[..length] : null;
    }

    private static bool TryDecode(ReadOnlySpan<char> text, Span<byte> bytes, out int length) =>
        Base64Url.DecodeFromChars(text, bytes, out var read, out length) == OperationStatus.Done && read == text.Length;
}
