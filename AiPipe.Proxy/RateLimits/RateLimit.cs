namespace AiPipe.Proxy.RateLimits;

/// <summary>A limit per minute, refilled evenly; also the size of the bucket. Zero = no limit.</summary>
/// <param name="Tokens">Input and output tokens per minute.</param>
internal readonly record struct RateLimit(long Requests, long Tokens)
{
    /// <summary>The highest limit, which keeps every sum exact in the doubles of Redis scripts.</summary>
    public const long Max = 1_000_000_000;
}

/// <summary>A bucket that a call takes from.</summary>
/// <param name="Key"><c>kind:name</c>: <c>user:ann@example.com</c>, <c>model:gpt-4o</c>.</param>
internal sealed record RateScope(string Key, RateLimit Limit, string Name)
{
    public static RateScope Shared(string kind, string name, RateLimit limit) =>
        new($"{kind}:{name.ToLowerInvariant()}", limit, $"{kind} {name}");
}

/// <summary>What a bucket lacks to be full, in <see cref="RateBucket.Unit"/>s; more than its size is debt.</summary>
internal readonly record struct RateLevel(long Requests, long Tokens);

/// <summary>The result of a request for room.</summary>
/// <param name="Refused">The index of the bucket with the longest wait; -1 if all had room.</param>
/// <param name="ForTokens">The refusing bucket lacks tokens, not requests.</param>
/// <param name="Wait">Milliseconds until all have room, without other calls.</param>
/// <param name="Levels">The buckets' levels afterwards, in the order of the request.</param>
/// <param name="By">The limiter to report the final usage to.</param>
internal sealed record RateTake(int Refused, bool ForTokens, long Wait, RateLevel[] Levels, IRateLimiter By)
{
    public bool IsTaken => Refused < 0;
}
