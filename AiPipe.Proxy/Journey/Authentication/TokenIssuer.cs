using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Journey.Authentication;

/// <summary>Makes AI Pipe tokens.</summary>
internal sealed class TokenIssuer(IOptionsMonitor<TokenOptions> options, TimeProvider time)
{
    /// <summary>A token for a user, with the salt that is configured for them.</summary>
    /// <param name="email">The user; case does not matter.</param>
    /// <param name="lifetime">How long it lasts; <c>null</c> = until the salt changes, as the original's do.</param>
    public string Issue(string email, TimeSpan? lifetime = null)
    {
        var user = Email.Normalize(email);
        var current = options.CurrentValue;
        var payload = new TokenPayload
        {
            Email = user,
            Salt = current.Salts.GetValueOrDefault(user),
            Exp = lifetime is { } span ? (time.GetUtcNow() + span).ToUnixTimeSeconds() : null,
        };
        return Jwt.Sign(payload.ToJson(), current.Secret);
    }
}
