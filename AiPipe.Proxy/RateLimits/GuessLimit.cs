using AiPipe.Proxy.Errors;

namespace AiPipe.Proxy.RateLimits;

/// <summary>Lets each network address be wrong so many times a minute; then it waits, right or wrong. Who is right takes nothing.</summary>
/// <param name="kind">What is guessed.</param>
/// <param name="wrongs">So many times a minute.</param>
/// <param name="limiter">Where they are counted.</param>
internal sealed class GuessLimit(string kind, int wrongs, IRateLimiter limiter)
{
    // Counted as tokens, which can be given back.
    private readonly RateLimit _limit = new(0, wrongs);

    /// <summary>Whether the guess counts as one that may be looked at; the refusal when there were too many wrong ones.</summary>
    public async ValueTask<Refusal?> TakeAsync(HttpContext http, bool isRight)
    {
        RateScope[] scopes = [new($"{kind}:{PerMinuteLimit.AddressOf(http)}", _limit, kind)];
        var take = await limiter.TakeAsync(scopes, tokens: 1);
        if (!take.IsTaken) return Refusal.RateLimited("Too many requests. Slow down.", TimeSpan.FromMilliseconds(take.Wait));
        if (isRight) take.By.Debit(scopes, -1);
        return null;
    }
}
