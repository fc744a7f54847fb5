namespace AiPipe.Proxy.Journey.Budgets.Redis;

/// <summary>
/// What happens at once in Redis. Every script starts with the epoch, the replica and its token, and answers <c>lost</c> when one of
/// them no longer holds. Where things are is told in <c>docs/decisions/0009-counters-in-redis.md</c>.
/// </summary>
/// <remarks>
/// Lua's numbers are doubles, exact to 2^53 only, and USD 9,008 is more pico-USD than that: amounts are added by the server
/// (<c>HINCRBY</c>), and compared in two halves of nine and up to ten digits.
/// </remarks>
internal static class RedisScripts
{
    /// <summary>Argument: an epoch to begin if the server has none of its own. Answers with the one that holds.</summary>
    /// <remarks>An epoch of another run of the server came from its disk, or from the server it followed: what is in it may be old.</remarks>
    public static readonly RedisScript Join = new("""
        local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
        local epoch = redis.call('HMGET', KEYS[1], 'id', 'run')
        if epoch[1] and epoch[2] == run then return epoch[1] end
        redis.call('HSET', KEYS[1], 'id', ARGV[1], 'run', run, 'open', '0')
        return ARGV[1]
        """);

    private const string Names = """
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

    private const string Known = Names + """
        if redis.call('HGET', replicas, ARGV[2]) ~= ARGV[3] then return { 'lost' } end

        """;

    // A record is { state, held, cost, day, token, scope, scope, … }: state h(eld) or s(ettled), day by number.
    private const string Records = """
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
        local function count(record)
            local settled = record[1] == 's'
            for i = 6, #record do
                add(scope(record[i]), settled and 'o' .. record[4] or 'held', settled and record[3] or record[2])
                redis.call('EXPIRE', scope(record[i]), fortnight)
            end
        end
        local function uncount(record)
            local settled = record[1] == 's'
            for i = 6, #record do
                local key = scope(record[i])
                if redis.call('EXISTS', key) == 1 then
                    add(key, settled and 'o' .. record[4] or 'held', negated(settled and record[3] or record[2]))
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

    // A scope nobody has asked for yet is not kept: it is read whole from Postgres once somebody does.
    private const string Totals = """
        local function take(name, day, cost, entries)
            local key = scope(name)
            if redis.call('EXISTS', key) == 0 then return end
            local have = redis.call('HGET', key, 'n' .. day)
            if not have or tonumber(entries) >= tonumber(have) then
                redis.call('HSET', key, 'b' .. day, cost, 'n' .. day, entries)
            end
        end

        """;

    /// <summary>Registers the replica under a new token; scripts sent under its old one do nothing from now on.</summary>
    public static readonly RedisScript Enter = new(Names + """
        redis.call('HSET', replicas, ARGV[2], ARGV[3])
        redis.call('HDEL', joined, ARGV[2])
        redis.call('ZADD', seen, now(), ARGV[2])
        return { 'ok' }
        """);

    /// <summary>Says that everything the replica knows is here. Answers whether the epoch is open.</summary>
    public static readonly RedisScript Joined = new(Known + """
        redis.call('HSET', joined, ARGV[2], ARGV[3])
        return { 'ok', redis.call('HGET', KEYS[1], 'open') }
        """);

    /// <summary>Arguments: the replicas that live. Opens the epoch once all of them have joined; answers whether it is.</summary>
    public static readonly RedisScript Open = new(Known + """
        for i = 4, #ARGV do
            if redis.call('HEXISTS', joined, ARGV[i]) == 0 then return { 'ok', '0' } end
        end
        redis.call('HSET', KEYS[1], 'open', '1')
        return { 'ok', '1' }
        """);

    /// <summary>Argument: after how many milliseconds without a sign a replica is taken for dead. Answers with the dead.</summary>
    public static readonly RedisScript Beat = new(Known + """
        local time = now()
        redis.call('ZADD', seen, time, ARGV[2])
        for _, key in ipairs({ KEYS[1], replicas, joined, seen, calls(ARGV[2]) }) do redis.call('EXPIRE', key, week) end
        local answer = { 'ok' }
        for _, dead in ipairs(redis.call('ZRANGEBYSCORE', seen, '-inf', time - ARGV[4], 'LIMIT', 0, 8)) do answer[#answer + 1] = dead end
        return answer
        """);

    /// <summary>
    /// Arguments: call, held, required room (empty: any), cost at least, day, today, then name, limit and first day of each scope. Holds
    /// in all scopes or in none. Answers <c>held</c>, <c>closed</c>, <c>unfilled</c>, or <c>room</c> with the fields of every scope.
    /// </summary>
    public static readonly RedisScript Reserve = new(Known + Records + """
        if redis.call('HGET', KEYS[1], 'open') ~= '1' then return { 'closed' } end
        local function halves(amount)
            local sign = 1
            if string.sub(amount, 1, 1) == '-' then sign, amount = -1, string.sub(amount, 2) end
            return sign * (tonumber(string.sub(amount, 1, -10)) or 0), sign * tonumber(string.sub(amount, -9))
        end
        -- Nothing when the scope must be filled first; else whether it has room for what is required.
        local function fits(fields, limit, from)
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
                elseif name ~= 'pruned' and string.byte(name) ~= 110 and tonumber(string.sub(name, 2)) >= from then subtract(value) end
            end
            if not asof or asof < tonumber(ARGV[9]) or since > from then return nil end
            return ARGV[6] == '' or high + math.floor(low / 1000000000) >= 0
        end
        local answer, enough = { 'room' }, true
        for i = 10, #ARGV, 3 do
            local fields = redis.call('HGETALL', scope(ARGV[i]))
            local fit = fits(fields, ARGV[i + 1], tonumber(ARGV[i + 2]))
            if fit == nil then return { 'unfilled' } end
            enough = enough and fit
            answer[#answer + 1] = fields
        end
        if not enough then return answer end
        local record = { 'h', ARGV[5], ARGV[7], ARGV[8], ARGV[3] }
        for i = 10, #ARGV, 3 do record[#record + 1] = ARGV[i] end
        put(ARGV[2], ARGV[4], record)
        return { 'held' }
        """);

    /// <summary>Arguments, for each call: id, state (empty: it is over and left nothing), held, cost, day, how many scopes, the scopes.</summary>
    public static readonly RedisScript Put = new(Known + Records + """
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

    /// <summary>Arguments: whose calls, how many, their ids, then scope, day, cost and number of entries of each sum that has them now.</summary>
    /// <remarks>Calls of another replica that has named them again meanwhile, since it lives after all, stay counted.</remarks>
    public static readonly RedisScript Written = new(Known + Records + Totals + """
        local owner, last = ARGV[4], 5 + ARGV[5]
        local token = redis.call('HGET', replicas, owner)
        for i = last + 1, #ARGV, 4 do take(ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]) end
        for i = 6, last do
            local record = redis.call('HGET', calls(owner), ARGV[i])
            if record and (owner == ARGV[2] or cmsgpack.unpack(record)[5] ~= token) then drop(owner, ARGV[i]) end
        end
        return { 'ok' }
        """);

    /// <summary>Argument: a cursor. Drops those of the replica's calls that it did not name under its present token. Answers with the next cursor.</summary>
    public static readonly RedisScript Prune = new(Known + Records + """
        local page = redis.call('HSCAN', calls(ARGV[2]), ARGV[4], 'COUNT', 500)
        for i = 1, #page[2], 2 do
            if cmsgpack.unpack(page[2][i + 1])[5] ~= ARGV[3] then drop(ARGV[2], page[2][i]) end
        end
        return { 'ok', page[1] }
        """);

    /// <summary>
    /// Arguments: a dead replica, after how many milliseconds it is, a cursor. Ends what it held: each call is charged what was counted
    /// last. Answers with the next cursor and { id, state, day, cost, scope, … } of each call that no ledger is known to have yet.
    /// </summary>
    public static readonly RedisScript Expire = new(Known + Records + """
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

    /// <summary>Arguments: a dead replica whose every entry is in Postgres, a cursor. Drops what it held. Answers with the next cursor.</summary>
    public static readonly RedisScript Forget = new(Known + Records + """
        local page = redis.call('HSCAN', calls(ARGV[4]), ARGV[5], 'COUNT', 500)
        for i = 1, #page[2], 2 do drop(ARGV[4], page[2][i]) end
        if page[1] == '0' then
            redis.call('HDEL', replicas, ARGV[4])
            redis.call('HDEL', joined, ARGV[4])
            redis.call('ZREM', seen, ARGV[4])
        end
        return { 'ok', page[1] }
        """);

    /// <summary>
    /// Argument: a scope. Makes it take sums from now on, so that none is missed while it is being read from Postgres. Answers with how
    /// often it has forgotten days.
    /// </summary>
    public static readonly RedisScript BeginFill = new(Known + """
        redis.call('HSETNX', scope(ARGV[4]), 'held', '0')
        redis.call('EXPIRE', scope(ARGV[4]), fortnight)
        return { 'ok', redis.call('HGET', scope(ARGV[4]), 'pruned') or '0' }
        """);

    /// <summary>
    /// Arguments: scope, how often it had forgotten days, today, first day read, then day, cost and number of entries of each sum. Once
    /// a day, days before are forgotten. What was read before that may be older than what was forgotten: it is not taken.
    /// </summary>
    public static readonly RedisScript Fill = new(Known + Totals + """
        local key, today, from = scope(ARGV[4]), tonumber(ARGV[6]), tonumber(ARGV[7])
        local state = redis.call('HMGET', key, 'asof', 'since', 'pruned')
        if (state[3] or '0') ~= ARGV[5] then return { 'old' } end
        if state[1] and tonumber(state[1]) >= today then
            -- Another replica may need more of it.
            today, from = tonumber(state[1]), math.min(from, tonumber(state[2]))
        else
            local fields = redis.call('HGETALL', key)
            for i = 1, #fields, 2 do
                local kind, day = string.byte(fields[i]), tonumber(string.sub(fields[i], 2))
                if day and day < from and (kind ~= 111 or fields[i + 1] == '0') then redis.call('HDEL', key, fields[i]) end
            end
            redis.call('HINCRBY', key, 'pruned', 1)
        end
        for i = 8, #ARGV, 3 do take(ARGV[4], ARGV[i], ARGV[i + 1], ARGV[i + 2]) end
        redis.call('HSET', key, 'asof', today, 'since', from)
        redis.call('EXPIRE', key, fortnight)
        return { 'ok' }
        """);

    /// <summary>Arguments: call, scope, day, difference, the two parts of the day's sum as they were read. Answers <c>done</c> or <c>changed</c>.</summary>
    public static readonly RedisScript SetDay = new(Known + Records + """
        local now = redis.call('HMGET', scope(ARGV[5]), 'b' .. ARGV[6], 'o' .. ARGV[6])
        if (now[1] or '0') ~= ARGV[8] or (now[2] or '0') ~= ARGV[9] then return { 'changed' } end
        put(ARGV[2], ARGV[4], { 's', '0', ARGV[7], ARGV[6], ARGV[3], ARGV[5] })
        return { 'done' }
        """);

    public static IEnumerable<RedisScript> All { get; } =
        [Enter, Joined, Open, Beat, Reserve, Put, Written, Prune, Expire, Forget, BeginFill, Fill, SetDay];
}
