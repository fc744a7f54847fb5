using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace AiPipe.Proxy.Accounts.Apps;

/// <summary>Proof that who exchanges a code is who asked for it: RFC 7636, with its method S256 only.</summary>
internal static class CodeChallenge
{
    public const string Method = "S256";

    /// <summary>What SHA-256 becomes in base64url, in characters.</summary>
    private const int Length = 43;

    private static readonly SearchValues<char> Letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
    private static readonly SearchValues<char> VerifierLetters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~");

    public static bool IsUsable(string challenge) => challenge.Length == Length && !challenge.AsSpan().ContainsAnyExcept(Letters);

    /// <summary>True when the verifier is the one that the challenge was made of.</summary>
    public static bool IsMetBy(string? verifier, string challenge)
    {
        if (verifier is not { Length: >= 43 and <= 128 } || verifier.AsSpan().ContainsAnyExcept(VerifierLetters)) return false;
        var made = Base64Url.EncodeToUtf8(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
        return CryptographicOperations.FixedTimeEquals(made, Encoding.ASCII.GetBytes(challenge));
    }
}
