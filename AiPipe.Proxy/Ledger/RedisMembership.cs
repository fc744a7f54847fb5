using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Counters.Redis;
using AiPipe.Proxy.Infrastructure.Replicas;
using AiPipe.Proxy.Ledger.Entries;
using Microsoft.Extensions.Options;
using Npgsql;

namespace AiPipe.Proxy.Ledger;

/// <summary>Sends heartbeats, rejoins the shared counters after a loss, and charges the reservations of dead replicas.</summary>
internal sealed partial class RedisMembership(
    RedisJoin join, RedisMember redis, LocalReservations calls, ReplicaRegistry registry, CostLedger ledger,
        IOptions<BudgetOptions> options,
    TimeProvider clock, ILogger<RedisMembership> logger)
    : BackgroundService, IHostedLifecycleService
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(200);

    private readonly long _life = (long)options.Value.ReplicaTimeout.TotalMilliseconds;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // Before the first reservation: if Redis is wiped, the other replicas must know that this replica exists.
        await registry.BeatAsync(cancellationToken);
        await join.TryAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>After the ledger's last entry: other replicas must charge what remains.</summary>
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        if (calls.Count > 0) return;
        if (calls.Member is { } member) await redis.ForgetAsync(member, redis.Replica);
        try
        {
            await registry.RemoveAsync(redis.Replica, cancellationToken);
        }
        catch (NpgsqlException exception)
        {
            Log.RegistryAway(logger, exception.Message);
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Independent loops: an outage of Postgres or Redis must not stop the heartbeat to the other.</summary>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(StayMemberAsync(stoppingToken), StayRegisteredAsync(stoppingToken));

    private async Task StayMemberAsync(CancellationToken stop)
    {
        while (true)
        {
            await calls.WaitAsync(Beat, stop);
            try
            {
                if (calls.Member is { } member) await BeatAsync(member);
                else await join.TryAsync(stop);
            }
            // Any failure: the next heartbeat tries again, so this loop ends with the process only.
            catch (Exception exception) when (!stop.IsCancellationRequested)
            {
                Log.Failed(logger, exception);
            }
        }
    }

    private async Task StayRegisteredAsync(CancellationToken stop)
    {
        while (true)
        {
            // When Postgres is back, the other replicas must soon know that this replica exists.
            await Task.Delay(registry.IsAway ? Beat : registry.Pause, clock, stop);
            var wasAway = registry.IsAway;
            try
            {
                await registry.BeatAsync(stop);
            }
            catch (Exception exception) when (!stop.IsCancellationRequested)
            {
                if (!wasAway) Log.RegistryAway(logger, exception.Message);
            }
        }
    }

    private async Task BeatAsync(Membership member)
    {
        if (await redis.RunAsync(member, MemberScripts.Beat, _life) is not { } answer) return;
        foreach (var dead in answer.Skip(1).Select(name => Guid.ParseExact((string)name!, "N"))) await ExpireAsync(member, dead);
    }

    private async Task ExpireAsync(Membership member, Guid dead)
    {
        for (var cursor = "0"; ;)
        {
            if (await redis.RunAsync(member, MemberScripts.Expire, dead.ToString("N"), _life, cursor) is not { } answer) return;
            foreach (var call in answer.Skip(2)) Book(dead, (string[])call!);
            cursor = (string)answer[1]!;
            if (cursor == "0") return;
        }
    }

    private void Book(Guid dead, string[] call)
    {
        var id = Guid.ParseExact(call[0], "N");
        if (!calls.TryAdopt(id, dead)) return;
        ledger.BookUnattributed(
            id, call[4..], DateOnly.FromDayNumber((int)RedisValues.Number(call[2])), new(RedisValues.Number(call[3])),
            call[1] switch { "h" => Orphan.InFlight, "a" => Orphan.Adjustment, _ => Orphan.Settled });
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message =
            "Cannot update the list of replicas in Postgres ({Why}); trying again with the next heartbeat")]
        public static partial void RegistryAway(ILogger logger, string why);

        [LoggerMessage(Level = LogLevel.Error, Message = "A heartbeat to the counters in Redis failed; trying again with the next one")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
