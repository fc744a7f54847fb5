using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace AiPipe.Tests.Accounts.SignIn;

/// <summary>A key as Google has them: signs credentials, and shows its public half as a JSON Web Key Set.</summary>
internal sealed class GoogleKey : IDisposable
{
    private readonly RSA _key = RSA.Create(2048);

    public string KeySet
    {
        get
        {
            var key = _key.ExportParameters(includePrivateParameters: false);
            return $$"""
                {"keys":[{"kty":"RSA","alg":"RS256","use":"sig","kid":"test","n":"{{Base64Url.EncodeToString(key.Modulus)}}","e":"{{Base64Url.EncodeToString(key.Exponent)}}"}]}
                """;
        }
    }

    public string Sign(GoogleClaims claims)
    {
        var now = TimeProvider.System.GetUtcNow();
        var payload = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
        {
            ["iss"] = claims.Issuer,
            ["aud"] = claims.Audience,
            ["sub"] = "1234567890",
            ["email"] = claims.Email,
            ["email_verified"] = claims.IsVerified,
            ["name"] = "Ann Example",
            ["picture"] = "https://pictures.example/ann",
            ["iat"] = (now - TimeSpan.FromHours(1)).ToUnixTimeSeconds(),
            ["exp"] = (now + claims.ExpiresIn).ToUnixTimeSeconds(),
        });
        var signed = $"{Base64Url.EncodeToString("""{"alg":"RS256","kid":"test","typ":"JWT"}"""u8)}.{Base64Url.EncodeToString(payload)}";
        var signature = _key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    public void Dispose() => _key.Dispose();
}

/// <summary>What a credential says; all is well with it unless the test says otherwise.</summary>
internal sealed record GoogleClaims
{
    public const string OurClient = "our-client.apps.googleusercontent.example";

    public string Issuer { get; init; } = "https://accounts.google.com";
    public string Audience { get; init; } = OurClient;
    public string Email { get; init; } = "ann@example.com";
    public bool IsVerified { get; init; } = true;
    public TimeSpan ExpiresIn { get; init; } = TimeSpan.FromHours(1);
}
