using System.Security.Cryptography;
using System.Text;
using AiPipe.Proxy.Callers;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Compatibility.Apisix;

/// <summary>The key that manages routes as APISIX's does (<c>ADMIN_API_KEY</c> or <c>APISIX_ADMIN_KEY</c>), if set.</summary>
internal sealed class ApisixAdminKey
{
    public const string Name = "apisix-admin-key";

    private const int MinLength = 8;

    private const string Known = "edd1c9f034335f136f87ad84b625c8f1";

    private readonly byte[]? _hash;

    /// <exception cref="OptionsValidationException">The key is guessable.</exception>
    public ApisixAdminKey(IConfiguration configuration, IHostEnvironment environment)
    {
        var variable = configuration["ADMIN_API_KEY"] is { Length: > 0 } ? "ADMIN_API_KEY" : "APISIX_ADMIN_KEY";
        if (configuration[variable]?.Trim() is not { Length: > 0 } key) return;
        if (key.Length < MinLength || GuessableSecret.Is(key) || (key == Known && !environment.IsDevelopment()))
            throw new OptionsValidationException(
                variable, typeof(ApisixAdminKey),
                [$"{variable} can be guessed: set it to a long random text (openssl rand -hex 24), or unset it."]);
        _hash = HashOf(key);
    }

    /// <summary>Compares in constant time.</summary>
    public bool Is(string presented) => _hash is not null && CryptographicOperations.FixedTimeEquals(HashOf(presented), _hash);

    private static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
