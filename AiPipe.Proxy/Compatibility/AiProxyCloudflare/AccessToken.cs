using System.Security.Cryptography;
using System.Text;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Providers;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Compatibility.AiProxyCloudflare;

/// <summary>The secret of ai-proxy-cloudflare's paths, <c>ACCESS_TOKEN</c>. Hashes are compared in constant time.</summary>
internal sealed class AccessToken
{
    /// <summary>The variable's name. It also replaces the token in paths and names the author in the audit log.</summary>
    public const string Name = "ACCESS_TOKEN";

    /// <summary>The token printed in ai-proxy-cloudflare's documentation.</summary>
    private const string Published = "Une9f2ijwe";

    private const int MinLength = 8;
    private const int MaxLength = 200;
    private const int MostBytesPerChar = 3;

    private readonly byte[]? _hash;

    private AccessToken(string word)
    {
        if (word.Length > 0) _hash = SHA256.HashData(Encoding.UTF8.GetBytes(word));
        IsPublished = word == Published;
    }

    public bool IsSet => _hash is not null;

    public bool IsPublished { get; }

    /// <exception cref="OptionsValidationException">The token is guessable, or not valid in a path.</exception>
    public static AccessToken Read(IConfiguration configuration, IHostEnvironment environment, IReadOnlyList<Provider> providers)
    {
        // A token read from a file ends with a line break.
        var word = configuration[Name]?.Trim() ?? "";
        if (word.Length == 0) return new AccessToken("");
        if (word.Length is < MinLength or > MaxLength) throw Wrong($"must have from {MinLength} to {MaxLength} characters");
        if (GuessableSecret.Is(word)) throw Wrong("is easy to guess");
        if (word == Published && !environment.IsDevelopment()) throw Wrong("is the published example of ai-proxy-cloudflare");
        if (word.Any(static letter => char.IsControl(letter) || char.IsWhiteSpace(letter) || letter is '/' or '\\' or '?' or '#' or '%')
            || word.All(static letter => letter == '.'))
            throw Wrong("has a character that is invalid in a path");
        if (providers.ByName(word) is not null || ProviderConfiguration.IsTaken(word)) throw Wrong(
            "is a prefix of a path that AiPipe itself uses");
        return new AccessToken(word);
    }

    public bool Is(ReadOnlySpan<char> part)
    {
        if (_hash is null || part.Length > MaxLength) return false;
        Span<byte> bytes = stackalloc byte[MaxLength * MostBytesPerChar];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..Encoding.UTF8.GetBytes(part, bytes)], hash);
        return CryptographicOperations.FixedTimeEquals(hash, _hash);
    }

    private static OptionsValidationException Wrong(string what) =>
        new(nameof(AccessToken), typeof(AccessToken),
            [$"{Name} {what}: set it to a long random text (openssl rand -hex 24), or leave it out."]);
}
