using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Infrastructure;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Callers;

/// <summary>Makes AI Pipe tokens.</summary>
internal sealed class TokenIssuer(IOptionsMonitor<TokenOptions> options, PersonStates people, TimeProvider time)
{
    /// <summary>A token for a user, with the salt that is theirs.</summary>
    /// <param name="email">The user; case does not matter.</param>
    /// <param name="lifetime">How long it lasts; <c>null</c> = until the salt changes, as the original's do.</param>
    /// <param name="method">How they signed in, where that matters (<see cref="TokenPayload.Amr"/>).</param>
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

    /// <summary>A token for a web app, which can spend no more than its slice of the user's budget.</summary>
    /// <param name="email">The user; case does not matter.</param>
    /// <param name="slice">The app, and how much of the budget it may spend.</param>
    /// <param name="grant">What the user agreed to; revoking it ends every token with this id.</param>
    /// <param name="expiresAt">When the token ends by itself.</param>
    public string Issue(string email, AppAllowance slice, Guid grant, DateTimeOffset expiresAt)
    {
        var user = Email.Normalize(email);
        var current = options.CurrentValue;
        var payload = new TokenPayload
        {
            Email = user,
            Salt = people.Of(user).With(current.Salts.GetValueOrDefault(user)),
            Aud = slice.Origin,
            Limit = slice.Limit,
            Days = slice.Days,
            Exp = expiresAt.ToUnixTimeSeconds(),
            Jti = grant,
        };
        return Jwt.Sign(payload.ToJson(), current.Secret);
    }
}
