using AiPipe.Proxy.Infrastructure.Redis;

namespace AiPipe.Proxy.Counters.Redis;

internal static class CallScripts
{
    /// <summary>
    /// Arguments: call, reservation, required room (empty: any), minimum cost, day, today, then name, limit, first day of the window and
    /// first day that must be known of each scope. Reserves in all scopes or in none. Returns <c>held</c>, <c>closed</c>, <c>unfilled</c>,
    /// or <c>room</c> with the fields of every scope.
    /// </summary>
    public static readonly RedisScript Reserve = new(LuaParts.Known + LuaParts.Records + LuaParts.Halves + """
        if redis.call('HGET', KEYS[1], 'open') ~= '1' then return { 'closed' } end
        -- Nothing when the scope must be filled first; else whether it has room for what is required.
        local function fits(fields, limit, from, known)
            local high, low = halves(limit)
            local asof, since
            local function subtract(amount)
                local h, l = halves(amount)
                high, low = high - h, low - l
            end
            if ARGV[6] ~= '' then subtract(ARGV[6]) end
            for i = 1, #fields, 2 do
                local name, value = fields[i], fields[i + 1]
                if name == 'held' then subtract(value)
                elseif name == 'asof' then asof = tonumber(value)
                elseif name == 'since' then since = tonumber(value)
                elseif string.find(name, '^[bo]%d') and tonumber(string.sub(name, 2)) >= from then subtract(value) end
            end
            if not asof or asof < tonumber(ARGV[9]) or since > known then return nil end
            return ARGV[6] == '' or high + math.floor(low / 1000000000) >= 0
        end
        local answer, enough = { 'room' }, true
        for i = 10, #ARGV, 4 do
            local fields = redis.call('HGETALL', scope(ARGV[i]))
            local fit = fits(fields, ARGV[i + 1], tonumber(ARGV[i + 2]), tonumber(ARGV[i + 3]))
            if fit == nil then return { 'unfilled' } end
            enough = enough and fit
            answer[#answer + 1] = fields
        end
        if not enough then return answer end
        local record = { 'h', ARGV[5], ARGV[7], ARGV[8], ARGV[3] }
        for i = 10, #ARGV, 4 do record[#record + 1] = ARGV[i] end
        put(ARGV[2], ARGV[4], record)
        return { 'held' }
        """);

    /// <summary>Arguments of each call: id, state (empty: ended without an entry), reservation, cost, day, count and scopes.</summary>
    public static readonly RedisScript Put = new(LuaParts.Known + LuaParts.Records + """
        local i = 4
        while i <= #ARGV do
            local id, state, scopes = ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 5])
            if state == '' then drop(ARGV[2], id) else
                local record = { state, ARGV[i + 2], ARGV[i + 3], ARGV[i + 4], ARGV[3] }
                for k = i + 6, i + 5 + scopes do record[#record + 1] = ARGV[k] end
                put(ARGV[2], id, record)
            end
            i = i + 6 + scopes
        end
        return { 'ok' }
        """);

    /// <summary>
    /// Arguments: call, reservation, cost, day, first and last day of a month, scopes. Settles the call. Returns the first scope's spend
    /// in the month (<see cref="LuaParts.Sum"/>) if it is a user's.
    /// </summary>
    public static readonly RedisScript Settle = new(LuaParts.Known + LuaParts.Records + LuaParts.Sum + """
        local record = { 's', ARGV[5], ARGV[6], ARGV[7], ARGV[3] }
        for i = 10, #ARGV do record[#record + 1] = ARGV[i] end
        put(ARGV[2], ARGV[4], record)
        if not isPersons(ARGV[10]) then return { 'ok' } end
        return sum(ARGV[10], ARGV[8], ARGV[9])
        """);

    /// <summary>Arguments: a scope, first and last day. Returns its spend (<see cref="LuaParts.Sum"/>).</summary>
    public static readonly RedisScript Spent = new(LuaParts.Known + LuaParts.Sum + "return sum(ARGV[4], ARGV[5], ARGV[6])");

    /// <summary>Arguments: call, minimum cost. Never restores a settled call: marks are sent without waiting.</summary>
    public static readonly RedisScript Mark = new(LuaParts.Known + """
        local record = redis.call('HGET', calls(ARGV[2]), ARGV[4])
        record = record and cmsgpack.unpack(record)
        if record and record[1] == 'h' then
            record[3] = ARGV[5]
            redis.call('HSET', calls(ARGV[2]), ARGV[4], cmsgpack.pack(record))
        end
        return { 'ok' }
        """);

    /// <summary>Arguments: owner, count and ids of its calls, then scope, day, cost, entries and calls of each new sum.</summary>
    /// <remarks>Calls that their replica has reported again, because it is alive after all, stay counted.</remarks>
    public static readonly RedisScript Written = new(LuaParts.Known + LuaParts.Records + LuaParts.Totals + """
        local owner, last = ARGV[4], 5 + ARGV[5]
        local token = redis.call('HGET', replicas, owner)
        for i = last + 1, #ARGV, 5 do take(ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4]) end
        for i = 6, last do
            local record = redis.call('HGET', calls(owner), ARGV[i])
            if record and (owner == ARGV[2] or cmsgpack.unpack(record)[5] ~= token) then drop(owner, ARGV[i]) end
        end
        return { 'ok' }
        """);

    public static IEnumerable<RedisScript> All { get; } = [Reserve, Put, Settle, Spent, Mark, Written];
}
