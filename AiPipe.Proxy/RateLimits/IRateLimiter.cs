namespace AiPipe.Proxy.RateLimits;

/// <summary>Token buckets: calls take requests and tokens, time refills them.</summary>
internal interface IRateLimiter
{
    /// <summary>Takes one request and the tokens from every bucket, or nothing.</summary>
    /// <param name="tokens">The call's known input. With zero, buckets without tokens do not block.</param>
    ValueTask<RateTake> TakeAsync(IReadOnlyList<RateScope> scopes, long tokens);

    /// <summary>Whether every bucket has room for one request; takes nothing.</summary>
    ValueTask<RateTake> PeekAsync(IReadOnlyList<RateScope> scopes);

    /// <summary>Takes additional usage, below zero if necessary; a negative amount is returned. Never throws, never waits.</summary>
    void Debit(IReadOnlyList<RateScope> scopes, long tokens);
}
