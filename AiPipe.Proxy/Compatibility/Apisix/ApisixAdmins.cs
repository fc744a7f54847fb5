using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.RateLimits;
using AiPipe.Proxy.Settings;

namespace AiPipe.Proxy.Compatibility.Apisix;

/// <summary>Authorizes callers with the key in <c>X-API-KEY</c>, and administrators. Limits wrong keys per address.</summary>
internal sealed class ApisixAdmins(ApisixAdminKey key, CallerAuthentication authentication, IRateLimiter limiter)
{
    private const int WrongsPerMinute = 20;

    private readonly GuessLimit _guesses = new(ApisixAdminKey.Name, WrongsPerMinute, limiter);

    public async ValueTask<(ChangedBy? Who, Refusal? Refusal)> IdentifyAsync(HttpContext http)
    {
        var presented = http.Request.Headers["X-API-KEY"];
        var isKey = presented is [{ Length: > 0 } one] && key.Is(one);
        var (caller, refusal) = isKey ? default : await authentication.IdentifyAsync(http.Request);
        var user = caller as Caller.User;
        var isRight = isKey || user is { IsAdmin: true };
        // Checked first: a guessing caller may also have a valid token.
        if (presented.Count > 0 && await _guesses.TakeAsync(http, isRight) is { } tooOften) return (null, tooOften);
        if (isKey) return (new ChangedBy(ApisixAdminKey.Name, IsPerson: false), null);
        if (user is null) return (null, refusal ?? Refusal.OwnKeyRefused());
        return isRight ? (new ChangedBy(user.Email, IsPerson: true), null) : (null, Refusal.AdminOnly());
    }
}
