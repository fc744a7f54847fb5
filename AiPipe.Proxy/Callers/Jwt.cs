using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace AiPipe.Proxy.Callers;

/// <summary>
/// Signs and verifies JSON Web Tokens with HMAC-SHA256 and no other algorithm, so that a token cannot choose it (RFC 8725 §3.1).
/// It is stricter than the library: a token has one spelling only, and a header with <c>crit</c> is rejected.
/// </summary>
internal static class Jwt
{
    /// <summary>The longest token that is verified, in characters: more than any of ours, and less than a server's header limit.</summary>
    public const int MaxLength = 4096;

    /// <summary>What the library demands of a key for HS256, in bytes.</summary>
    private const int MinKeyLength = 32;

    // VerifiedTokens keeps what was verified, so that a cached signature provider would hardly be used again.
    private static readonly CryptoProviderFactory Providers = new() { CacheSignatureProviders = false };
    private static readonly JsonWebTokenHandler Handler = new() { SetDefaultTimesOnTokenCreation = false };

    // The library's decoder accepts padding, line ends and the other Base64 alphabet, none of which a token has (RFC 7515 §2).
    private static readonly SearchValues<char> Alphabet = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    /// <summary>True for text of the shape <c>a.b.c</c>.</summary>
    public static bool LooksLike(ReadOnlySpan<char> token) => token.Count('.') == 2;

    /// <summary>A token with this payload.</summary>
    /// <param name="payload">A JSON object in UTF-8.</param>
    /// <param name="secret">Of any length above zero.</param>
    public static string Sign(ReadOnlySpan<byte> payload, byte[] secret) =>
        Handler.CreateToken(Encoding.UTF8.GetString(payload), new SigningCredentials(KeyFrom(secret), SecurityAlgorithms.HmacSha256));

    /// <summary>
    /// The payload's bytes when the signature and the form are right, <c>null</c> for any other text. Neither times nor an audience are
    /// checked here: that is for the caller, by its own clock. Registered claims of the wrong kind (RFC 7519 §4.1) make a token invalid.
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

    /// <summary>HMAC itself fills a short key with zeros up to its block, so that a padded key makes the same signatures.</summary>
    private static SymmetricSecurityKey KeyFrom(byte[] secret)
    {
        if (secret.Length < MinKeyLength) Array.Resize(ref secret, MinKeyLength);
        return new SymmetricSecurityKey(secret) { CryptoProviderFactory = Providers };
    }

    // The library reads a header up to its closing brace and ignores the extensions that "crit" demands.
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
