namespace AiPipe.Proxy.RateLimits;

/// <summary>Buckets of requests and tokens that empty with every call and fill with time.</summary>
internal interface IRateLimiter
{
    /// <summary>Takes one request and some tokens out of every bucket, or nothing out of any.</summary>
    /// <param name="scopes">The buckets; each is at least as large as what is asked for.</param>
    /// <param name="tokens">The call's input, as far as it is known. With zero, empty buckets of tokens hold nothing up.</param>
    ValueTask<RateTake> TakeAsync(IReadOnlyList<RateScope> scopes, long tokens);

    /// <summary>
    /// Takes what a call used beyond what it had taken, though there be none left: later calls wait the longer, so that the average
    /// holds. Less than zero gives back. Never throws, never waits.
    /// </summary>
    void Debit(IReadOnlyList<RateScope> scopes, long tokens);
}
