using AiPipe.Proxy.Errors;

namespace AiPipe.Proxy.RateLimits;

/// <summary>Limits wrong guesses per network address and minute; at the limit, even right ones are refused.</summary>
/// <param name="wrongs">Wrong guesses per minute.</param>
internal sealed class GuessLimit(string kind, int wrongs, IRateLimiter limiter)
{
    // Counted as tokens, because they can be returned.
    private readonly RateLimit _limit = new(0, wrongs);

    /// <summary>The refusal after too many wrong guesses; otherwise counts a wrong one.</summary>
    public async ValueTask<Refusal?> TakeAsync(HttpContext http, bool isRight)
    {
        RateScope[] scopes = [new($"{kind}:{PerMinuteLimit.AddressOf(http)}", _limit, kind)];
        var take = await limiter.TakeAsync(scopes, tokens: 1);
        if (!take.IsTaken) return Refusal.RateLimited("Too many requests. Slow down.", TimeSpan.FromMilliseconds(take.Wait));
        if (isRight) take.By.Debit(scopes, -1);
        return null;
    }
}
