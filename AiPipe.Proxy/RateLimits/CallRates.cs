namespace AiPipe.Proxy.RateLimits;

/// <summary>What one call took from which buckets before its usage is known.</summary>
internal sealed class CallRates
{
    /// <summary>The caller's own limit and its level, for the response headers; <c>null</c> = no limit.</summary>
    public (RateLimit Limit, RateLevel Level)? Own { get; set; }
    public RateReservation? Callers { get; set; }
    public RateReservation? Key { get; set; }
}

/// <summary>Tokens taken before the usage is known.</summary>
internal sealed record RateReservation(IReadOnlyList<RateScope> Scopes, long Tokens, IRateLimiter By)
{
    /// <summary>Takes the remaining usage, or returns what was not used.</summary>
    public void Settle(long used)
    {
        if (used != Tokens) By.Debit(Scopes, used - Tokens);
    }
}
