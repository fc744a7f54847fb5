using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure.Redis;
using AiPipe.Proxy.Infrastructure.Replicas;
using AiPipe.Proxy.Ledger.Entries;
using StackExchange.Redis;

namespace AiPipe.Proxy.Counters.Redis;

/// <summary>Runs scripts as a member. A missing response or <c>lost</c> ends the membership.</summary>
internal sealed partial class RedisMember(RedisServer server, LocalReservations calls, Replica replica, ILogger<RedisMember> logger)
{
    private static readonly RedisKey[] Epoch = [RedisKeys.Epoch];

    private readonly string _replica = replica.Id.ToString("N");

    public Guid Replica => replica.Id;

    /// <summary>Runs a script as this member; <c>null</c> if the membership is lost.</summary>
    /// <returns>The parts of the response, the status first.</returns>
    public async Task<RedisResult[]?> RunAsync(Membership member, RedisScript script, params IEnumerable<RedisValue> values)
    {
        try
        {
            if (await TryRunAsync(member, script, values) is { } answer) return answer;
            if (calls.Lose(member)) Log.Lost(logger);
        }
        catch (CounterUnavailableException exception)
        {
            if (calls.Lose(member)) Log.Away(logger, exception.Message);
        }
        return null;
    }

    /// <summary>As <see cref="RunAsync"/>, for a replica that is joining.</summary>
    /// <exception cref="CounterUnavailableException">Redis is unavailable.</exception>
    public async Task<RedisResult[]?> TryRunAsync(Membership member, RedisScript script, params IEnumerable<RedisValue> values)
    {
        var result = await server.RunLoadedAsync(script, Epoch, [member.Epoch, _replica, member.Token, .. values]);
        var answer = result is null ? null : (RedisResult[])result!;
        return answer is null || (string?)answer[0] == "lost" ? null : answer;
    }

    public Task<RedisResult[]?> PutAsync(Membership member, LocalReservation call) => RunAsync(member, CallScripts.Put, ValuesOf(call));

    /// <summary>Settles a call in Redis.</summary>
    /// <returns>Its first scope's spend until today in the call's month; <c>null</c> if it must be queried again.</returns>
    public async Task<MonthSpend?> SettleAsync(Membership member, LocalReservation call, DateOnly today)
    {
        var (first, last) = call.Day.MonthUntil(today);
        return RedisValues.Month(await RunAsync(member, CallScripts.Settle,
        [
            call.Id.ToString("N"), call.Reserved.Text(), call.Cost.Text(), call.Day.DayNumber, first.DayNumber, last.DayNumber,
            .. call.Scopes.Select(scope => (RedisValue)scope),
        ]));
    }

    public async Task<MonthSpend?> MonthAsync(Membership member, string scope, DateOnly day, DateOnly today)
    {
        var (first, last) = day.MonthUntil(today);
        return RedisValues.Month(await RunAsync(member, CallScripts.Spent, scope, first.DayNumber, last.DayNumber));
    }

    public Task<RedisResult[]?> MarkAsync(Membership member, LocalReservation call) =>
        RunAsync(member, CallScripts.Mark, call.Id.ToString("N"), call.Cost.Text());

    public Task<RedisResult[]?> DropAsync(Membership member, Guid id) => RunAsync(member, CallScripts.Put, Gone(id));

    public Task<RedisResult[]?> WrittenAsync(
        Membership member, Guid owner, IReadOnlyCollection<Guid> ids, IReadOnlyList<DayTotal> totals) => RunAsync(
        member, CallScripts.Written,
        [owner.ToString("N"), ids.Count, .. ids.Select(id => (RedisValue)id.ToString("N")), .. totals.SelectMany(RedisValues.FromTotal)]);

    /// <summary>Drops the reservations of a dead replica whose entries are all in Postgres.</summary>
    public async Task<bool> ForgetAsync(Membership member, Guid dead)
    {
        for (var cursor = "0"; ;)
        {
            if (await RunAsync(member, MemberScripts.Forget, dead.ToString("N"), cursor) is not { } answer) return false;
            cursor = (string)answer[1]!;
            if (cursor == "0") return true;
        }
    }

    public static IEnumerable<RedisValue> ValuesOf(LocalReservation call) =>
    [
        call.Id.ToString("N"), call.IsAdjustment ? "a" : call.IsSettled ? "s" : "h", call.Reserved.Text(), call.Cost.Text(),
            call.Day.DayNumber,
            call.Scopes.Count,
        .. call.Scopes.Select(scope => (RedisValue)scope),
    ];

    public static IEnumerable<RedisValue> Gone(Guid id) => [id.ToString("N"), "", "0", "0", 0, 0];

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "Redis no longer knows this replica; joining again")]
        public static partial void Lost(ILogger logger);

        [LoggerMessage(Level = LogLevel.Error, Message =
            "Cannot count budgets in Redis ({Why}); calls follow AiPipe:Budgets:OnCounterOutage until it is available again")]
        public static partial void Away(ILogger logger, string why);
    }
}
