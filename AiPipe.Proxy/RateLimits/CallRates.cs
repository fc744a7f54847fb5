namespace AiPipe.Proxy.RateLimits;

/// <summary>What one call took out of which buckets, until it is known what it used.</summary>
internal sealed class CallRates
{
    /// <summary>The caller's own limit and what is left of it, which the answer's headers tell; <c>null</c> = the caller has none.</summary>
    public (RateLimit Limit, RateLevel Level)? Own { get; set; }
    /// <summary>Out of the caller's bucket and those shared with other callers.</summary>
    public RateReservation? Callers { get; set; }
    /// <summary>Out of the bucket of the provider's key that the call uses.</summary>
    public RateReservation? Key { get; set; }
}

/// <summary>Tokens that were taken before anybody knew how many there would be.</summary>
internal sealed record RateReservation(IReadOnlyList<RateScope> Scopes, long Tokens, IRateLimiter By)
{
    /// <summary>Takes the rest of what was used, or gives back what was not.</summary>
    public void Settle(long used)
    {
        if (used != Tokens) By.Debit(Scopes, used - Tokens);
    }
}
