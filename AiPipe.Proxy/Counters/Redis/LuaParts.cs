namespace AiPipe.Proxy.Counters.Redis;

/// <summary>
/// The beginning of every script: epoch, replica and token, so that a script returns <c>lost</c> if one of them is outdated.
/// <c>docs/decisions/0009-counters-in-redis.md</c> describes the keys.
/// </summary>
/// <remarks>
/// Lua's numbers are doubles, exact to 2^53 only (USD 9,007 in pico-USD): the server adds amounts (<c>HINCRBY</c>), and scripts compare
/// them in two halves of nine and up to ten digits.
/// </remarks>
internal static class LuaParts
{
    public const string Names = """
        local prefix = '{aipipe}:' .. ARGV[1] .. ':'
        local replicas, joined, seen = prefix .. 'replicas', prefix .. 'joined', prefix .. 'seen'
        local function calls(replica) return prefix .. 'calls:' .. replica end
        local function scope(name) return prefix .. 'scope:' .. name end
        local function now()
            local time = redis.call('TIME')
            return time[1] * 1000 + math.floor(time[2] / 1000)
        end
        -- Seconds. Without a replica for a week, all begins anew: no counter lapses while a call in it is remembered.
        local week, fortnight = 604800, 1209600
        if redis.call('HGET', KEYS[1], 'id') ~= ARGV[1] then return { 'lost' } end

        """;

    /// <summary>Returns <c>lost</c> if the replica has another token.</summary>
    public const string Known = Names + """
        if redis.call('HGET', replicas, ARGV[2]) ~= ARGV[3] then return { 'lost' } end

        """;

    /// <summary>Splits an amount into billions and remainder, both with its sign.</summary>
    public const string Halves = """
        local function halves(amount)
            local sign = 1
            if string.sub(amount, 1, 1) == '-' then sign, amount = -1, string.sub(amount, 2) end
            return sign * (tonumber(string.sub(amount, 1, -10)) or 0), sign * tonumber(string.sub(amount, -9))
        end

        """;

    /// <summary>
    /// The sum of a scope between two days: <c>ok</c>, cost in halves, number of calls; or <c>unfilled</c>. Pending decreases do not
    /// count. The sum of all days but the last is cached (<c>m</c>) until one of them changes.
    /// </summary>
    public const string Sum = Halves + """
        local function total(values, first)
            local high, low, calls = 0, 0, 0
            for i = first, first + 3 do
                if values[i] and i > first + 1 then calls = calls + tonumber(values[i])
                elseif values[i] then
                    local h, l = halves(values[i])
                    high, low = high + h, low + l
                end
            end
            return high, low, calls
        end
        local function addUp(key, from, to)
            local fields = {}
            for day = from, to do
                for _, kind in ipairs({ 'b', 'o', 'k', 'w' }) do fields[#fields + 1] = kind .. day end
            end
            local high, low, calls = 0, 0, 0
            if fields[1] then
                local values = redis.call('HMGET', key, unpack(fields))
                for i = 1, #fields, 4 do
                    local h, l, c = total(values, i)
                    high, low, calls = high + h, low + l, calls + c
                end
            end
            return high, low, calls
        end
        local function sum(name, from, to)
            local key = scope(name)
            local values = redis.call('HMGET', key, 'since', 'm', 'b' .. to, 'o' .. to, 'k' .. to, 'w' .. to)
            if not values[1] or tonumber(values[1]) > tonumber(from) then return { 'unfilled' } end
            local high, low, calls = string.match(values[2] or '', '^' .. from .. ' ' .. to .. ' (%-?%d+) (%-?%d+) (%-?%d+)$')
            if not high then
                high, low, calls = addUp(key, tonumber(from), tonumber(to) - 1)
                redis.call('HSET', key, 'm', string.format('%s %s %.0f %.0f %.0f', from, to, high, low, calls))
            end
            local h, l, c = total(values, 3)
            return { 'ok', high + h, low + l, calls + c }
        end

        """;

    /// <summary>Invalidates the cached sum of a user's earlier days.</summary>
    private const string People = """
        local function isPersons(name) return string.sub(name, 1, 5) == 'user:' end
        local function changed(key, day)
            local last = string.match(redis.call('HGET', key, 'm') or '', '^%d+ (%d+) ')
            if last and tonumber(day) < tonumber(last) then redis.call('HDEL', key, 'm') end
        end

        """;

    // A record is { state, reserved, cost, day, token, scope, scope, … }: state h(eld), s(ettled) or a(djustment); day by number.
    // Negative amounts are kept apart: Postgres's sum may already contain one before its replica reports it, and subtracting it twice
    // would be too little. Only user scopes count calls.
    public const string Records = People + """
        local function negated(amount)
            if amount == '0' then return amount end
            return string.sub(amount, 1, 1) == '-' and string.sub(amount, 2) or '-' .. amount
        end
        local function add(key, field, amount)
            local reply = redis.pcall('HINCRBY', key, field, amount)
            -- Beyond what 64 bits hold: absurd sums must block a budget, not break it.
            if type(reply) == 'table' and reply.err then
                redis.call('HSET', key, field, string.sub(amount, 1, 1) == '-' and '-9223372036854775808' or '9223372036854775807')
            end
        end
        local function counted(record)
            if record[1] == 'h' then return 'held', record[2] end
            return (string.sub(record[3], 1, 1) == '-' and 'c' or 'o') .. record[4], record[3]
        end
        local function countCall(record, name, calls)
            if record[1] == 'h' or not isPersons(name) then return end
            changed(scope(name), record[4])
            if record[1] == 's' then redis.call('HINCRBY', scope(name), 'w' .. record[4], calls) end
        end
        local function count(record)
            local field, amount = counted(record)
            for i = 6, #record do
                add(scope(record[i]), field, amount)
                countCall(record, record[i], 1)
                redis.call('EXPIRE', scope(record[i]), fortnight)
            end
        end
        local function uncount(record)
            local field, amount = counted(record)
            for i = 6, #record do
                local key = scope(record[i])
                if redis.call('EXISTS', key) == 1 then
                    add(key, field, negated(amount))
                    countCall(record, record[i], -1)
                end
            end
        end
        local function drop(owner, id)
            local record = redis.call('HGET', calls(owner), id)
            if not record then return end
            uncount(cmsgpack.unpack(record))
            redis.call('HDEL', calls(owner), id)
        end
        local function put(owner, id, record)
            local before = redis.call('HGET', calls(owner), id)
            -- First: to a counter that has lapsed nothing is owed, and counting makes it anew.
            if before then uncount(cmsgpack.unpack(before)) end
            count(record)
            redis.call('HSET', calls(owner), id, cmsgpack.pack(record))
        end

        """;

    // A scope that is not in use is not kept: its first use reads it from Postgres.
    public const string Totals = People + """
        local function take(name, day, cost, entries, calls)
            local key = scope(name)
            if redis.call('EXISTS', key) == 0 then return end
            local have = redis.call('HGET', key, 'n' .. day)
            if not have or tonumber(entries) >= tonumber(have) then
                redis.call('HSET', key, 'b' .. day, cost, 'n' .. day, entries, 'k' .. day, calls)
                if isPersons(name) then changed(key, day) end
            end
        end

        """;
}
