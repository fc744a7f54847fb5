using AiPipe.Proxy.Infrastructure.Redis;

namespace AiPipe.Proxy.RateLimits;

/// <summary><see cref="RateBucket"/> in Redis: <c>requests tokens milliseconds</c>, which expires when the bucket is full.</summary>
/// <param name="clock">
/// The Lua code for the milliseconds. By default the server's clock, so that the replicas' clocks do not matter; tests set another one.
/// </param>
internal sealed class RateScripts(string clock = RateScripts.ServerClock)
{
    private const string ServerClock = "(function() local t = redis.call('TIME'); return t[1] * 1000 + math.floor(t[2] / 1000) end)()";

    /// <summary>KEYS: the buckets. ARGV: tokens, then requests and tokens per minute of every bucket.</summary>
    public RedisScript Take { get; } = new(Room(clock, "refused == 0"));

    /// <summary>The same, but takes nothing.</summary>
    public RedisScript Peek { get; } = new(Room(clock, "false"));

    private static string Room(string clock, string takes) => $$"""
        {{Common(clock)}}
        local tokens, refused, resource, wait, levels = tonumber(ARGV[1]), 0, 0, 0, {}
        for i, key in ipairs(KEYS) do
            local r, t = level(i, key)
            local need = { room(r, limit(i, 1), 1), room(t, limit(i, 2), tokens) }
            for which = 1, 2 do
                if need[which] > wait then refused, resource, wait = i, which, need[which] end
            end
            levels[2 * i - 1], levels[2 * i] = r, t
        end
        if {{takes}} then
            for i, key in ipairs(KEYS) do
                levels[2 * i - 1], levels[2 * i] = take(i, key, levels[2 * i - 1], levels[2 * i], 1, tokens)
            end
        end
        return { refused - 1, resource, wait, unpack(levels) }
        """;

    /// <summary>The same KEYS and ARGV; the tokens may be negative.</summary>
    public RedisScript Debit { get; } = new($"""
        {Common(clock)}
        for i, key in ipairs(KEYS) do
            local r, t = level(i, key)
            take(i, key, r, t, 0, tonumber(ARGV[1]))
        end
        return 1
        """);

    // One more minute than necessary, so that a clock that is set back a little finds its buckets.
    private static string Common(string clock) => $$"""
        local now = {{clock}}
        local function limit(i, which) return tonumber(ARGV[2 * i + which - 1]) end
        local function full(lacks, rate)
            if rate == 0 or lacks <= 0 then return 0 end
            return math.ceil(lacks / rate)
        end
        local function filled(lacks, rate, passed)
            if passed >= full(lacks, rate) then return 0 end
            return lacks - rate * math.max(passed, 0)
        end
        local function level(i, key)
            local r, t, at = string.match(redis.call('GET', key) or '0 0 0', '^(%d+) (%d+) (%d+)$')
            return filled(tonumber(r), limit(i, 1), now - at), filled(tonumber(t), limit(i, 2), now - at)
        end
        local function room(lacks, rate, count)
            if count == 0 then return 0 end
            return full(lacks + (count - rate) * {{RateBucket.Unit}}, rate)
        end
        local function after(lacks, rate, count)
            if rate == 0 then return 0 end
            return math.min(math.max(lacks + count * {{RateBucket.Unit}}, 0), {{RateBucket.Deepest}})
        end
        local function take(i, key, r, t, requests, tokens)
            r, t = after(r, limit(i, 1), requests), after(t, limit(i, 2), tokens)
            local expiry = math.max(full(r, limit(i, 1)), full(t, limit(i, 2)))
            if expiry == 0 then redis.call('DEL', key)
            else redis.call('SET', key, string.format('%.0f %.0f %.0f', r, t, now), 'PX', string.format('%.0f', expiry + 60000)) end
            return r, t
        end
        """;
}
