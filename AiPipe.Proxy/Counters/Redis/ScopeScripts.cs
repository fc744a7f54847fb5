using AiPipe.Proxy.Infrastructure.Redis;

namespace AiPipe.Proxy.Counters.Redis;

/// <summary>Scripts that copy sums from Postgres and apply adjustments.</summary>
internal static class ScopeScripts
{
    /// <summary>Argument: a scope, which accepts sums from now on. Returns how often it has removed old days.</summary>
    public static readonly RedisScript BeginFill = new(LuaParts.Known + """
        redis.call('HSETNX', scope(ARGV[4]), 'held', '0')
        redis.call('EXPIRE', scope(ARGV[4]), fortnight)
        return { 'ok', redis.call('HGET', scope(ARGV[4]), 'pruned') or '0' }
        """);

    /// <summary>
    /// Arguments: scope, its number of removals before the read, today, first day read, then day, cost, number of entries and of calls of
    /// each sum. Removes old days once a day. A reading from before a removal may be outdated and is ignored.
    /// </summary>
    public static readonly RedisScript Fill = new(LuaParts.Known + LuaParts.Totals + """
        local key, today, from = scope(ARGV[4]), tonumber(ARGV[6]), tonumber(ARGV[7])
        local state = redis.call('HMGET', key, 'asof', 'since', 'pruned')
        if (state[3] or '0') ~= ARGV[5] then return { 'old' } end
        if state[1] and tonumber(state[1]) >= today then
            -- Another replica may need more of it.
            today, from = tonumber(state[1]), math.min(from, tonumber(state[2]))
        else
            local fields = redis.call('HGETALL', key)
            for i = 1, #fields, 2 do
                local kind, day = string.sub(fields[i], 1, 1), tonumber(string.sub(fields[i], 2))
                local ofPostgres = kind == 'b' or kind == 'n' or kind == 'k'
                if day and day < from and (ofPostgres or fields[i + 1] == '0') then redis.call('HDEL', key, fields[i]) end
            end
            redis.call('HINCRBY', key, 'pruned', 1)
        end
        for i = 8, #ARGV, 4 do take(ARGV[4], ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]) end
        redis.call('HSET', key, 'asof', today, 'since', from)
        redis.call('EXPIRE', key, fortnight)
        return { 'ok' }
        """);

    /// <summary>
    /// Arguments: call, scope, day, difference, the sum of the day as read from Postgres, whether no entries may be pending (otherwise
    /// empty). Returns <c>done</c> or <c>changed</c>. After a decrease, the next adjustment waits until Postgres's sum contains it.
    /// </summary>
    public static readonly RedisScript SetDay = new(LuaParts.Known + LuaParts.Records + """
        local now = redis.call('HMGET', scope(ARGV[5]), 'b' .. ARGV[6], 'o' .. ARGV[6], 'c' .. ARGV[6])
        local isQuiet = (now[2] or '0') == '0'
        if (now[1] or '0') ~= ARGV[8] or (now[3] or '0') ~= '0' or ARGV[9] ~= '' and not isQuiet then return { 'changed' } end
        put(ARGV[2], ARGV[4], { 'a', '0', ARGV[7], ARGV[6], ARGV[3], ARGV[5] })
        return { 'done' }
        """);

    public static IEnumerable<RedisScript> All { get; } = [BeginFill, Fill, SetDay];
}
