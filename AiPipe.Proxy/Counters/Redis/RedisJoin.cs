using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure.Redis;
using AiPipe.Proxy.Infrastructure.Replicas;
using Npgsql;
using StackExchange.Redis;

namespace AiPipe.Proxy.Counters.Redis;

/// <summary>
/// Makes this replica a member: sends Redis everything that only this replica knows, under a new token, and drops the rest of its data in
/// Redis. The counters of a new epoch (a new, wiped or restarted server) open when every living replica has joined.
/// </summary>
/// <remarks>
/// In this order, a sum may be too high for a moment, never too low: calls and sums first, then the deletion of outdated data.
/// </remarks>
internal sealed partial class RedisJoin(
    RedisServer server, RedisMember redis, LocalReservations calls, ReplicaRegistry registry, TimeProvider clock, ILogger<RedisJoin> logger)
{
    private const int CallsPerScript = 500;
    private static readonly TimeSpan OpenPause = TimeSpan.FromMilliseconds(20);
    /// <summary>How long one attempt waits for the other replicas.</summary>
    private static readonly TimeSpan OpenTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Joins, or leaves the work to the next attempt.</summary>
    public async Task TryAsync(CancellationToken cancellationToken)
    {
        var (known, rest) = calls.Begin();
        try
        {
            var epoch = (string?)await server.RunAsync(MemberScripts.Join, [RedisKeys.Epoch], [NewName()]);
            await server.LoadAsync([.. MemberScripts.All, .. CallScripts.All, .. ScopeScripts.All]);
            var member = new Membership(epoch!, NewName());
            var isIn = await redis.TryRunAsync(member, MemberScripts.Enter) is not null
                && await SyncAsync(member, known, rest)
                && await PruneAsync(member)
                && await redis.TryRunAsync(member, MemberScripts.Joined) is { } joined
                && ((string?)joined[1] == "1" || await OpenAsync(member, cancellationToken));
            while (isIn && !calls.TryFinish(member, out known, out rest)) isIn = await SyncAsync(member, known, rest);
            if (isIn) Log.Joined(logger, epoch!);
        }
        catch (Exception exception) when (exception is CounterUnavailableException or NpgsqlException)
        {
            calls.Away();
            Log.NotJoined(logger, exception.Message);
        }
        finally
        {
            calls.PutBack(rest);
        }
    }

    private async Task<bool> SyncAsync(Membership member, IReadOnlyList<LocalReservation> known, PendingSync rest)
    {
        var gone = rest.Calls.Except(known.Select(call => call.Id));
        foreach (var chunk in known.Select(RedisMember.ValuesOf).Chunk(CallsPerScript))
            if (await redis.TryRunAsync(member, CallScripts.Put, chunk.SelectMany(call => call)) is null) return false;
        foreach (var chunk in rest.Totals.Values.Chunk(CallsPerScript))
            if (await redis.WrittenAsync(member, redis.Replica, [], chunk) is null) return false;
        foreach (var chunk in gone.Select(RedisMember.Gone).Chunk(CallsPerScript))
            if (await redis.TryRunAsync(member, CallScripts.Put, chunk.SelectMany(call => call)) is null) return false;
        foreach (var dead in rest.Dead)
            if (!await redis.ForgetAsync(member, dead)) return false;
        return true;
    }

    private async Task<bool> PruneAsync(Membership member)
    {
        for (RedisValue cursor = 0; ;)
        {
            if (await redis.TryRunAsync(member, MemberScripts.Prune, cursor) is not { } answer) return false;
            cursor = (RedisValue)answer[1];
            if (cursor == 0) return true;
        }
    }

    private async Task<bool> OpenAsync(Membership member, CancellationToken cancellationToken)
    {
        for (var begun = clock.GetTimestamp(); clock.GetElapsedTime(begun) < OpenTimeout; await Task.Delay(
            OpenPause, clock, cancellationToken))
        {
            if (await registry.LivingAsync(cancellationToken) is not { } living) continue;
            if (await redis.TryRunAsync(
                member, MemberScripts.Open, living.Select(id => (RedisValue)id.ToString("N"))) is not { } answer) return false;
            if ((string?)answer[1] == "1") return true;
        }
        return false;
    }

    private static string NewName() => Guid.NewGuid().ToString("N");

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "Budgets are counted in Redis (epoch {Epoch})")]
        public static partial void Joined(ILogger logger, string epoch);

        [LoggerMessage(Level = LogLevel.Debug, Message = "Not yet a member of the counters in Redis: {Why}")]
        public static partial void NotJoined(ILogger logger, string why);
    }
}
