using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace AiPipe.Proxy.Callers;

/// <summary>
/// Signs and verifies JSON Web Tokens with HMAC-SHA256 only, so that a token cannot choose its algorithm (RFC 8725 §3.1). Stricter than
/// the library: each token has one spelling only, and <c>crit</c> headers are rejected.
/// </summary>
internal static class Jwt
{
    /// <summary>In characters: longer than any of our tokens, and below the header limit of servers.</summary>
    public const int MaxLength = 4096;

    /// <summary>In bytes; the library's minimum for HS256.</summary>
    private const int MinKeyLength = 32;

    // VerifiedTokens caches results, so cached signature providers would hardly be used.
    private static readonly CryptoProviderFactory Providers = new() { CacheSignatureProviders = false };
    private static readonly JsonWebTokenHandler Handler = new() { SetDefaultTimesOnTokenCreation = false };

    // The library's decoder also accepts padding, line ends and the other Base64 alphabet (RFC 7515 §2 forbids them).
    private static readonly SearchValues<char> Alphabet =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    public static bool LooksLike(ReadOnlySpan<char> token) => token.Count('.') == 2;
    public static string Sign(ReadOnlySpan<byte> payload, byte[] secret) =>
        Handler.CreateToken(Encoding.UTF8.GetString(payload), new SigningCredentials(KeyFrom(secret), SecurityAlgorithms.HmacSha256));

    /// <summary>
    /// The payload's bytes if signature and form are valid, otherwise <c>null</c>. Times and audience are left to the caller. Registered
    /// claims of the wrong type (RFC 7519 §4.1) make a token invalid.
    /// </summary>
    public static async ValueTask<byte[]?> VerifyAsync(string token, byte[] secret)
    {
        if (token.Length > MaxLength || !LooksLike(token) || token.AsSpan().ContainsAnyExcept(Alphabet)) return null;
        var result = await Handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            IssuerSigningKey = KeyFrom(secret),
            ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
            ValidateIssuer = false,
            ValidateAudience = false,
            ValidateLifetime = false,
            RequireExpirationTime = false,
            LogValidationExceptions = false,
        });
        return result is { IsValid: true, SecurityToken: JsonWebToken jwt } && IsPlainHeader(jwt.EncodedHeader)
            ? Base64Url.DecodeFromChars(jwt.EncodedPayload)
            : null;
    }

    /// <summary>HMAC itself pads a short key with zeros to its block size, so a padded key creates the same signatures.</summary>
    private static SymmetricSecurityKey KeyFrom(byte[] secret)
    {
        if (secret.Length < MinKeyLength) Array.Resize(ref secret, MinKeyLength);
        return new SymmetricSecurityKey(secret) { CryptoProviderFactory = Providers };
    }

    private static bool IsPlainHeader(string encoded)
    {
        try
        {
            var header = JsonSerializer.Deserialize(Base64Url.DecodeFromChars(encoded), TokenJson.Default.DictionaryStringJsonElement);
            return header?.ContainsKey("crit") == false;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
