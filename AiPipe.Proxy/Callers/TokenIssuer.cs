using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Infrastructure;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Callers;

internal sealed class TokenIssuer(IOptionsMonitor<TokenOptions> options, PersonStates people, TimeProvider time)
{
    /// <summary>Issues a user's token with the user's salt.</summary>
    /// <param name="lifetime"><c>null</c> = until the salt changes, as in the original.</param>
    /// <param name="method">How the user signed in, if it matters (<see cref="TokenPayload.Amr"/>).</param>
    public string Issue(string email, TimeSpan? lifetime = null, string? method = null)
    {
        var user = Email.Normalize(email);
        var current = options.CurrentValue;
        var payload = new TokenPayload
        {
            Email = user,
            Salt = people.Of(user).With(current.Salts.GetValueOrDefault(user)),
            Exp = lifetime is { } span ? (time.GetUtcNow() + span).ToUnixTimeSeconds() : null,
            Amr = method,
            Iat = method is null ? null : time.GetUtcNow().ToUnixTimeSeconds(),
        };
        return Jwt.Sign(payload.ToJson(), current.Secret);
    }

    /// <summary>Issues a web app's token, limited to its allowance.</summary>
    /// <param name="grant">The grant's id; revoking the grant invalidates every token with it.</param>
    public string Issue(string email, AppAllowance allowance, Guid grant, DateTimeOffset expiresAt)
    {
        var user = Email.Normalize(email);
        var current = options.CurrentValue;
        var payload = new TokenPayload
        {
            Email = user,
            Salt = people.Of(user).With(current.Salts.GetValueOrDefault(user)),
            Aud = allowance.Origin,
            Limit = allowance.Limit,
            Days = allowance.Days,
            Exp = expiresAt.ToUnixTimeSeconds(),
            Jti = grant,
        };
        return Jwt.Sign(payload.ToJson(), current.Secret);
    }
}
