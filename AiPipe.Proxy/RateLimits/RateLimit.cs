namespace AiPipe.Proxy.RateLimits;

/// <summary>How much passes in a minute: refilled evenly, and as much at once. Zero = this is not limited.</summary>
/// <param name="Requests">Calls per minute.</param>
/// <param name="Tokens">Tokens per minute, input and output together.</param>
internal readonly record struct RateLimit(long Requests, long Tokens)
{
    /// <summary>The highest limit, which keeps every sum exact in the doubles of Redis's scripts.</summary>
    public const long Max = 1_000_000_000;
}

/// <summary>One bucket that a call takes from.</summary>
/// <param name="Key"><c>kind:name</c>: <c>user:ann@example.com</c>, <c>model:gpt-4o</c>.</param>
/// <param name="Limit">How large it is, and how fast it fills.</param>
/// <param name="Name">What a person calls it.</param>
internal sealed record RateScope(string Key, RateLimit Limit, string Name)
{
    /// <summary>A bucket that all callers share.</summary>
    public static RateScope Shared(string kind, string name, RateLimit limit) => new($"{kind}:{name.ToLowerInvariant()}", limit, $"{kind} {name}");
}

/// <summary>What a bucket lacks to be full, in <see cref="RateBucket.Unit"/>s of a request and a token; more than its size is debt.</summary>
internal readonly record struct RateLevel(long Requests, long Tokens);

/// <summary>What came of asking for room.</summary>
/// <param name="Refused">Which of the buckets makes the call wait longest; -1 when all had room.</param>
/// <param name="ForTokens">It is tokens that the refusing bucket lacks, not requests.</param>
/// <param name="Wait">Until all of them have room, in milliseconds, if nobody else takes it.</param>
/// <param name="Levels">Every bucket's level afterwards, in the order of the question.</param>
/// <param name="By">Who answered, and must hear what the call used in the end.</param>
internal sealed record RateTake(int Refused, bool ForTokens, long Wait, RateLevel[] Levels, IRateLimiter By)
{
    public bool IsTaken => Refused < 0;
}
