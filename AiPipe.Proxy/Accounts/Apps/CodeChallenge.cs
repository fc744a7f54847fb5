using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace AiPipe.Proxy.Accounts.Apps;

/// <summary>Proof that the client that exchanges a code also requested it: RFC 7636, S256 only.</summary>
internal static class CodeChallenge
{
    public const string Method = "S256";

    /// <summary>The length of a SHA-256 in base64url.</summary>
    private const int Length = 43;

    private static readonly SearchValues<char> Letters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
    private static readonly SearchValues<char> VerifierLetters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~");

    public static bool IsUsable(string challenge) => challenge.Length == Length && !challenge.AsSpan().ContainsAnyExcept(Letters);

    public static bool IsMetBy(string? verifier, string challenge)
    {
        if (verifier is not { Length: >= 43 and <= 128 } || verifier.AsSpan().ContainsAnyExcept(VerifierLetters)) return false;
        var made = Base64Url.EncodeToUtf8(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
        return CryptographicOperations.FixedTimeEquals(made, Encoding.ASCII.GetBytes(challenge));
    }
}
