using AiPipe.Proxy.Journey.Recording;
using Microsoft.Extensions.Options;
using Npgsql;

namespace AiPipe.Proxy.Journey.Budgets.Redis;

/// <summary>
/// Keeps this replica a member: gives a sign of life, joins again whenever membership was lost, and charges what replicas held that
/// gave none for <see cref="BudgetOptions.ReplicaLife"/>.
/// </summary>
internal sealed partial class RedisMembership(
    RedisJoin join, RedisMember redis, OwnCalls calls, ReplicaRegistry registry, CostLedger ledger, IOptions<BudgetOptions> options,
    TimeProvider clock, ILogger<RedisMembership> logger)
    : BackgroundService, IHostedLifecycleService
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(200);

    private readonly long _life = (long)options.Value.ReplicaLife.TotalMilliseconds;
    private readonly TimeSpan _registryBeat = options.Value.ReplicaLife / 5;
    private long _registered;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // Before anything is held: should Redis be wiped, the others must know whom to wait for.
        await registry.BeatAsync(cancellationToken);
        _registered = clock.GetTimestamp();
        await join.TryAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>After the ledger's last entry: whatever is left here others must charge.</summary>
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        if (calls.Count > 0) return;
        if (calls.Member is { } member) await redis.ForgetAsync(member, redis.Replica);
        await TryAsync(() => registry.RemoveAsync(redis.Replica, cancellationToken));
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await calls.WaitAsync(Beat, stoppingToken);
            if (calls.Member is { } member) await BeatAsync(member, stoppingToken);
            else await join.TryAsync(stoppingToken);
            if (clock.GetElapsedTime(_registered) < _registryBeat) continue;
            await TryAsync(() => registry.BeatAsync(stoppingToken));
            _registered = clock.GetTimestamp();
        }
    }

    private async Task BeatAsync(Membership member, CancellationToken stop)
    {
        if (await redis.RunAsync(member, RedisScripts.Beat, _life) is not { } answer) return;
        foreach (var dead in answer.Skip(1).Select(name => Guid.ParseExact((string)name!, "N"))) await ExpireAsync(member, dead, stop);
    }

    private async Task ExpireAsync(Membership member, Guid dead, CancellationToken stop)
    {
        for (var cursor = "0"; ;)
        {
            if (await redis.RunAsync(member, RedisScripts.Expire, dead.ToString("N"), _life, cursor) is not { } answer) return;
            foreach (var call in answer.Skip(2)) Book(dead, (string[])call!);
            cursor = (string)answer[1]!;
            if (cursor == "0") break;
        }
        await TryAsync(() => registry.RemoveAsync(dead, stop));
    }

    private void Book(Guid dead, string[] call)
    {
        var id = Guid.ParseExact(call[0], "N");
        if (!calls.TryAdopt(id, dead)) return;
        ledger.BookUnattributed(
            id, call[4..], DateOnly.FromDayNumber((int)RedisValues.Number(call[2])), new(RedisValues.Number(call[3])), settled: call[1] == "s");
    }

    // Its next beat tries again.
    private async Task TryAsync(Func<Task> change)
    {
        try
        {
            await change();
        }
        catch (NpgsqlException exception)
        {
            Log.RegistryAway(logger, exception.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "The list of replicas in Postgres cannot be kept ({Why})")]
        public static partial void RegistryAway(ILogger logger, string why);
    }
}
