namespace AiPipe.Proxy.RateLimits;

/// <summary>The buckets of one process.</summary>
internal sealed class MemoryRateLimiter(TimeProvider clock, int mostBuckets = MemoryRateLimiter.MostBuckets) : IRateLimiter
{
    /// <summary>Network addresses create buckets, too: beyond this number, the fullest are evicted.</summary>
    private const int MostBuckets = 100_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _buckets = new(StringComparer.Ordinal);

    /// <summary>Monotonic milliseconds.</summary>
    private long Now => clock.GetElapsedTime(0).Ticks / TimeSpan.TicksPerMillisecond;

    public int Count
    {
        get { lock (_gate) return _buckets.Count; }
    }

    public ValueTask<RateTake> TakeAsync(IReadOnlyList<RateScope> scopes, long tokens) => RunAsync(scopes, tokens, takes: true);

    public ValueTask<RateTake> PeekAsync(IReadOnlyList<RateScope> scopes) => RunAsync(scopes, tokens: 0, takes: false);

    private ValueTask<RateTake> RunAsync(IReadOnlyList<RateScope> scopes, long tokens, bool takes)
    {
        var levels = new RateLevel[scopes.Count];
        lock (_gate)
        {
            var now = Now;
            var (refused, forTokens, wait) = (-1, false, 0L);
            for (var i = 0; i < levels.Length; i++)
            {
                var (level, limit) = (levels[i] = LevelOf(scopes[i], now), scopes[i].Limit);
                Wait(i, RateBucket.RoomIn(level.Requests, limit.Requests, 1), isTokens: false);
                Wait(i, RateBucket.RoomIn(level.Tokens, limit.Tokens, tokens), isTokens: true);
            }
            for (var i = 0; takes && refused < 0 && i < levels.Length; i++) levels[i] = Take(scopes[i], levels[i], 1, tokens, now);
            return new(new RateTake(refused, forTokens, wait, levels, this));

            void Wait(int scope, long milliseconds, bool isTokens)
            {
                if (milliseconds > wait) (refused, forTokens, wait) = (scope, isTokens, milliseconds);
            }
        }
    }

    public void Debit(IReadOnlyList<RateScope> scopes, long tokens)
    {
        lock (_gate)
        {
            var now = Now;
            foreach (var scope in scopes) Take(scope, LevelOf(scope, now), 0, tokens, now);
        }
    }

    private RateLevel LevelOf(RateScope scope, long now) => _buckets.GetValueOrDefault(scope.Key).Bucket.LevelAt(now, scope.Limit);

    private RateLevel Take(RateScope scope, RateLevel level, long requests, long tokens, long now)
    {
        var limit = scope.Limit;
        level = new RateLevel(
            RateBucket.After(level.Requests, limit.Requests, requests), RateBucket.After(level.Tokens, limit.Tokens, tokens));
        var fullIn = Math.Max(RateBucket.FullIn(level.Requests, limit.Requests), RateBucket.FullIn(level.Tokens, limit.Tokens));
        if (fullIn == 0)
        {
            _buckets.Remove(scope.Key);
            return level;
        }
        if (_buckets.Count >= mostBuckets && !_buckets.ContainsKey(scope.Key)) Forget();
        _buckets[scope.Key] = new Entry(new RateBucket(level, now), now + fullIn);
        return level;
    }

    // A tenth at a time, to spread the cost of sorting over many new buckets. Losing a full bucket changes nothing.
    private void Forget()
    {
        var soonest = _buckets.OrderBy(bucket => bucket.Value.FullAt).Take(Math.Max(1, mostBuckets / 10)).ToList();
        foreach (var (key, _) in soonest) _buckets.Remove(key);
    }

    private readonly record struct Entry(RateBucket Bucket, long FullAt);
}
