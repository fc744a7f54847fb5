namespace AiPipe.Proxy.RateLimits;

/// <summary>
/// A bucket at one moment, in integers, so that the Redis script computes the same: a limit of N per minute refills N units per
/// millisecond, and a request or token is <see cref="Unit"/> units.
/// </summary>
/// <param name="Lacks">What is missing to be full.</param>
/// <param name="At">Milliseconds of the limiter's clock.</param>
internal readonly record struct RateBucket(RateLevel Lacks, long At)
{
    /// <summary>Milliseconds in a minute.</summary>
    public const long Unit = 60_000;
    /// <summary>The largest debt, 66 billion tokens: twice that is exact in a double.</summary>
    public const long Deepest = 66_000_000_000 * Unit;

    /// <summary>What is missing at <paramref name="now"/>. A clock that was set back refills nothing.</summary>
    public RateLevel LevelAt(long now, RateLimit limit) => new(
        Filled(Lacks.Requests, limit.Requests, now - At), Filled(Lacks.Tokens, limit.Tokens, now - At));

    /// <summary>Milliseconds until a bucket of <paramref name="perMinute"/> is full.</summary>
    public static long FullIn(long lacks, long perMinute) => perMinute == 0 || lacks <= 0 ? 0 : (lacks + perMinute - 1) / perMinute;

    /// <summary>Milliseconds until a bucket has room for <paramref name="count"/>.</summary>
    public static long RoomIn(long lacks, long perMinute, long count) =>
        count == 0 ? 0 : FullIn(lacks + (count - perMinute) * Unit, perMinute);

    private static long Filled(long lacks, long perMinute, long passed) =>
        passed >= FullIn(lacks, perMinute) ? 0 : lacks - perMinute * Math.Max(passed, 0);

    public static long After(long lacks, long perMinute, long count) =>
        perMinute == 0 ? 0 : Math.Clamp(lacks + Math.Clamp(count, -Deepest / Unit, Deepest / Unit) * Unit, 0, Deepest);
}
