using AiPipe.Proxy.Infrastructure.Redis;

namespace AiPipe.Proxy.Counters.Redis;

internal static class MemberScripts
{
    /// <summary>Argument: an epoch to begin if the server has none. Returns the current one.</summary>
    /// <remarks>An epoch of an earlier run of the server came from its disk or its primary and may be outdated.</remarks>
    public static readonly RedisScript Join = new("""
        local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
        local epoch = redis.call('HMGET', KEYS[1], 'id', 'run')
        if epoch[1] and epoch[2] == run then return epoch[1] end
        redis.call('HSET', KEYS[1], 'id', ARGV[1], 'run', run, 'open', '0')
        return ARGV[1]
        """);

    /// <summary>Registers the replica under a new token, which invalidates scripts with the old one.</summary>
    public static readonly RedisScript Enter = new(LuaParts.Names + """
        redis.call('HSET', replicas, ARGV[2], ARGV[3])
        redis.call('HDEL', joined, ARGV[2])
        redis.call('ZADD', seen, now(), ARGV[2])
        return { 'ok' }
        """);

    /// <summary>The replica has reported everything it knows. Returns whether the epoch is open.</summary>
    public static readonly RedisScript Joined = new(LuaParts.Known + """
        redis.call('HSET', joined, ARGV[2], ARGV[3])
        return { 'ok', redis.call('HGET', KEYS[1], 'open') }
        """);

    /// <summary>Arguments: the living replicas. Opens the epoch once all of them have joined; returns whether it is open.</summary>
    public static readonly RedisScript Open = new(LuaParts.Known + """
        for i = 4, #ARGV do
            if redis.call('HEXISTS', joined, ARGV[i]) == 0 then return { 'ok', '0' } end
        end
        redis.call('HSET', KEYS[1], 'open', '1')
        return { 'ok', '1' }
        """);

    /// <summary>Argument: milliseconds without a heartbeat after which a replica is dead. Returns the dead replicas.</summary>
    public static readonly RedisScript Beat = new(LuaParts.Known + """
        local time = now()
        redis.call('ZADD', seen, time, ARGV[2])
        for _, key in ipairs({ KEYS[1], replicas, joined, seen, calls(ARGV[2]) }) do redis.call('EXPIRE', key, week) end
        local answer = { 'ok' }
        for _, dead in ipairs(redis.call('ZRANGEBYSCORE', seen, '-inf', time - ARGV[4], 'LIMIT', 0, 8)) do answer[#answer + 1] = dead end
        return answer
        """);

    /// <summary>Argument: a cursor. Drops the calls not reported under the current token. Returns the next cursor.</summary>
    public static readonly RedisScript Prune = new(LuaParts.Known + LuaParts.Records + """
        local page = redis.call('HSCAN', calls(ARGV[2]), ARGV[4], 'COUNT', 500)
        for i = 1, #page[2], 2 do
            if cmsgpack.unpack(page[2][i + 1])[5] ~= ARGV[3] then drop(ARGV[2], page[2][i]) end
        end
        return { 'ok', page[1] }
        """);

    /// <summary>
    /// Arguments: a dead replica, its timeout in milliseconds, a cursor. Ends its reservations: each call is charged at its last mark.
    /// Returns the next cursor and { id, state, day, cost, scope, … } of each call that may be missing in the ledger.
    /// </summary>
    public static readonly RedisScript Expire = new(LuaParts.Known + LuaParts.Records + """
        local dead = ARGV[4]
        local last = redis.call('ZSCORE', seen, dead)
        if not last or tonumber(last) > now() - ARGV[5] then return { 'ok', '0' } end
        redis.call('HDEL', replicas, dead)
        redis.call('HDEL', joined, dead)
        local page = redis.call('HSCAN', calls(dead), ARGV[6], 'COUNT', 100)
        local answer = { 'ok', page[1] }
        for i = 1, #page[2], 2 do
            local record = cmsgpack.unpack(page[2][i + 1])
            local call = { page[2][i], record[1], record[4], record[3] }
            for k = 6, #record do call[#call + 1] = record[k] end
            answer[#answer + 1] = call
            if record[1] == 'h' then
                record[1] = 's'
                put(dead, page[2][i], record)
            end
        end
        if redis.call('EXISTS', calls(dead)) == 0 then redis.call('ZREM', seen, dead) end
        return answer
        """);

    /// <summary>Arguments: a dead replica with all entries in Postgres, a cursor. Drops its calls. Returns the next cursor.</summary>
    public static readonly RedisScript Forget = new(LuaParts.Known + LuaParts.Records + """
        local page = redis.call('HSCAN', calls(ARGV[4]), ARGV[5], 'COUNT', 500)
        for i = 1, #page[2], 2 do drop(ARGV[4], page[2][i]) end
        if page[1] == '0' then
            redis.call('HDEL', replicas, ARGV[4])
            redis.call('HDEL', joined, ARGV[4])
            redis.call('ZREM', seen, ARGV[4])
        end
        return { 'ok', page[1] }
        """);

    public static IEnumerable<RedisScript> All { get; } = [Enter, Joined, Open, Beat, Prune, Expire, Forget];
}
