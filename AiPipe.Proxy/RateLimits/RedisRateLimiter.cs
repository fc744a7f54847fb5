using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure.Redis;
using StackExchange.Redis;

namespace AiPipe.Proxy.RateLimits;

/// <summary>Buckets shared by all replicas. While Redis is unavailable, each replica starts with full buckets of its own.</summary>
internal sealed partial class RedisRateLimiter(
    RedisServer redis, MemoryRateLimiter alone, RateScripts scripts, TimeProvider clock, ILogger<RedisRateLimiter> logger) : IRateLimiter
{
    /// <summary>One hash tag, so that all buckets of a call are in one slot of a Redis Cluster.</summary>
    private const string Prefix = "{aipipe}:rate:";
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly RedisCircuitBreaker _breaker = new(clock, Pause);

    public async ValueTask<RateTake> TakeAsync(IReadOnlyList<RateScope> scopes, long tokens) =>
        await RunAsync(scripts.Take, scopes, tokens) is { } reply ? Read((RedisValue[])reply!) : await alone.TakeAsync(scopes, tokens);

    public async ValueTask<RateTake> PeekAsync(IReadOnlyList<RateScope> scopes) =>
        await RunAsync(scripts.Peek, scopes, tokens: 0) is { } reply ? Read((RedisValue[])reply!) : await alone.PeekAsync(scopes);

    // Sent before the next call's command on the same connection, so nothing has to wait for it.
    public void Debit(IReadOnlyList<RateScope> scopes, long tokens) => _ = DebitAsync(scopes, tokens);

    private async Task DebitAsync(IReadOnlyList<RateScope> scopes, long tokens)
    {
        if (await RunAsync(scripts.Debit, scopes, tokens) is null) alone.Debit(scopes, tokens);
    }

    /// <summary>The script's reply; <c>null</c> while Redis is unavailable.</summary>
    private async ValueTask<RedisResult?> RunAsync(RedisScript script, IReadOnlyList<RateScope> scopes, long tokens)
    {
        if (!_breaker.TryAcquire()) return null;
        var (keys, values) = (new RedisKey[scopes.Count], new RedisValue[1 + 2 * scopes.Count]);
        values[0] = Math.Clamp(tokens, -RateBucket.Deepest / RateBucket.Unit, RateBucket.Deepest / RateBucket.Unit);
        for (var i = 0; i < scopes.Count; i++)
            (keys[i], values[2 * i + 1], values[2 * i + 2]) = (Prefix + scopes[i].Key, scopes[i].Limit.Requests, scopes[i].Limit.Tokens);
        try
        {
            var reply = await redis.RunAsync(script, keys, values);
            if (_breaker.Succeeded()) Log.Shared(logger);
            return reply;
        }
        catch (CounterUnavailableException exception)
        {
            if (_breaker.Failed()) Log.Alone(logger, exception.Message);
            return null;
        }
    }

    private RateTake Read(RedisValue[] reply)
    {
        var levels = new RateLevel[(reply.Length - 3) / 2];
        for (var i = 0; i < levels.Length; i++) levels[i] = new RateLevel((long)reply[2 * i + 3], (long)reply[2 * i + 4]);
        return new RateTake((int)reply[0], (int)reply[1] == 2, (long)reply[2], levels, this);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message =
            "Cannot share rate limits through Redis; each replica limits by itself until Redis responds: {Why}")]
        public static partial void Alone(ILogger logger, string why);

        [LoggerMessage(Level = LogLevel.Information, Message = "Rate limits are shared through Redis again")]
        public static partial void Shared(ILogger logger);
    }
}
