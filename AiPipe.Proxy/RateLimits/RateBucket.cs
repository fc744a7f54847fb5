namespace AiPipe.Proxy.RateLimits;

/// <summary>
/// One bucket at a moment, in whole numbers, so that the script in Redis comes to exactly the same: a limit of N a minute fills N
/// units in a millisecond, and a request or a token is <see cref="Unit"/> of them.
/// </summary>
/// <param name="Lacks">What is missing.</param>
/// <param name="At">Milliseconds of the limiter's clock.</param>
internal readonly record struct RateBucket(RateLevel Lacks, long At)
{
    /// <summary>Milliseconds in a minute.</summary>
    public const long Unit = 60_000;
    /// <summary>The deepest debt, 66 thousand million tokens: twice that is exact in a double.</summary>
    public const long Deepest = 66_000_000_000 * Unit;

    /// <summary>What is missing at <paramref name="now"/>. A clock that was set back fills nothing.</summary>
    public RateLevel LevelAt(long now, RateLimit limit) => new(
        Filled(Lacks.Requests, limit.Requests, now - At), Filled(Lacks.Tokens, limit.Tokens, now - At));

    /// <summary>How long a bucket of <paramref name="perMinute"/> that lacks so much takes to fill, in whole milliseconds.</summary>
    public static long FullIn(long lacks, long perMinute) => perMinute == 0 || lacks <= 0 ? 0 : (lacks + perMinute - 1) / perMinute;

    /// <summary>How long until a bucket has room for <paramref name="count"/>.</summary>
    public static long RoomIn(long lacks, long perMinute, long count) =>
        count == 0 ? 0 : FullIn(lacks + (count - perMinute) * Unit, perMinute);

    private static long Filled(long lacks, long perMinute, long passed) =>
        passed >= FullIn(lacks, perMinute) ? 0 : lacks - perMinute * Math.Max(passed, 0);

    /// <summary>What is missing after a call; nothing ever is where there is no limit.</summary>
    public static long After(long lacks, long perMinute, long count) =>
        perMinute == 0 ? 0 : Math.Clamp(lacks + Math.Clamp(count, -Deepest / Unit, Deepest / Unit) * Unit, 0, Deepest);
}
