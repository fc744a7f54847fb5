using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Callers;

internal sealed class CallerAuthentication(
    IOptionsMonitor<TokenOptions> options, RevokedGrants revoked, PersonStates people, ApiKeyCache keys, TimeProvider time)
{
    private readonly VerifiedTokens _verified = new();

    /// <summary>The caller of a request, or the refusal.</summary>
    /// <param name="keyInQuery">Gemini's clients may send <c>?key=</c>.</param>
    public async ValueTask<Identification> IdentifyAsync(HttpRequest request, bool keyInQuery = false)
    {
        var token = PresentedToken.FromRequest(request, keyInQuery);
        if (token is null) return Refusal.TokenMissing();
        if (Jwt.LooksLike(token)) return await FromJwtAsync(token, request.Headers.Origin, SessionHeader.IdOf(request));
        if (ApiKeyText.LooksLike(token)) return FromKey(token);
        if (!token.StartsWith("sk-", StringComparison.Ordinal) && !token.StartsWith("AIza", StringComparison.Ordinal))
            return Refusal.TokenInvalid("it is neither an AI Pipe token nor a provider's key");
        return options.CurrentValue.AcceptOwnKeys ? new Caller.Byok(token) : Refusal.OwnKeyRefused();
    }

    private Identification FromKey(string text)
    {
        if (keys.Find(text) is not { } key) return Refusal.TokenInvalid("the API key does not exist, or was deleted");
        if (key.ExpiresAt <= time.GetUtcNow()) return Refusal.KeyExpired();
        return people.Of(key.Caller.Email).IsDisabled ? Refusal.AccountDisabled() : key.Caller;
    }

    private async ValueTask<Identification> FromJwtAsync(string token, string? origin, Guid? session)
    {
        var current = options.CurrentValue;
        if (await _verified.FindAsync(token, current.Secret) is not { } payload) return Refusal.TokenInvalid(
            "its signature or its form is wrong");
        if (payload.Email is not { } user || !Email.IsUsable(user)) return Refusal.TokenInvalid("it names no user");

        var now = time.GetUtcNow().ToUnixTimeSeconds();
        if (payload.Exp <= now) return Refusal.TokenExpired();
        if (payload.Nbf > now) return Refusal.TokenInvalid("it is not valid yet");

        var person = people.Of(user);
        if (!person.Accepts(current.Salts.GetValueOrDefault(user), payload.Salt)) return Refusal.TokenRevoked();
        if (person.IsDisabled) return Refusal.AccountDisabled();
        if (session is { } ended && revoked.Contains(ended)) return Refusal.TokenRevoked();
        if (payload.Jti is { } grant && revoked.Contains(grant)) return Refusal.TokenRevoked();
        if (payload is { Aud: null, Limit: null })
        {
            var role = current.RoleOf(user);
            return new Caller.User(user, role == Role.Admin, Allowance: null) { IsTeacher = role == Role.Teacher };
        }

        // An app's token is bound to its app: scripts of other pages cannot use it, and it never opens /admin.
        if (payload.Aud is not null && !string.IsNullOrEmpty(origin) && origin != payload.Aud) return Refusal.TokenInvalid(
            "it was made for another web app");
        if (payload.Aud?.Length > AppAllowance.MaxOriginLength) return Refusal.TokenInvalid("its app's origin is too long");
        if (payload.Limit < 0 || payload.Days is < 1 or > Budgets.BudgetOptions.MaxDays) return Refusal.TokenInvalid(
            "its limit makes no sense");
        return new Caller.User(
            user, IsAdmin: false, new AppAllowance(payload.Aud ?? AppAllowance.AnyApp, payload.Limit, payload.Days ?? 1));
    }
}

/// <summary>A caller or a refusal: exactly one of the two.</summary>
internal readonly record struct Identification(Caller? Caller, Refusal? Refusal)
{
    public static implicit operator Identification(Caller caller) => new(caller, Refusal: null);
    public static implicit operator Identification(Refusal refusal) => new(Caller: null, refusal);
}
