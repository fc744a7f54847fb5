using System.Collections.Concurrent;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Ledger.Entries;
using StackExchange.Redis;

namespace AiPipe.Proxy.Counters.Redis;

/// <summary>
/// Reads a scope's sums from Postgres into Redis: when it is first used, and once a day. It may be done at any time and by several
/// replicas at once: of two readings of a sum the newer stays.
/// </summary>
internal sealed class RedisFill(RedisMember redis, LedgerStore store, TimeProvider clock)
{
    private readonly ConcurrentDictionary<(string Scope, DateOnly From), Lazy<Task>> _running = new();

    /// <summary>Tries once; whoever asked looks again. Callers that want the same scope share one try, and none can cancel it.</summary>
    /// <exception cref="Npgsql.NpgsqlException">Postgres does not answer.</exception>
    public async Task FillAsync(Membership member, string scope, DateOnly from, CancellationToken cancellationToken)
    {
        var run = _running.GetOrAdd((scope, from), key => new Lazy<Task>(() => Task.Run(() => RunOnceAsync(member, key.Scope, key.From), CancellationToken.None)));
        await run.Value.WaitAsync(cancellationToken);
    }

    // Ends with the try, though all who wanted it have left: the next one begins another.
    private async Task RunOnceAsync(Membership member, string scope, DateOnly from)
    {
        try
        {
            await RunAsync(member, scope, from);
        }
        finally
        {
            _running.TryRemove((scope, from), out _);
        }
    }

    private async Task RunAsync(Membership member, string scope, DateOnly from)
    {
        if (await redis.RunAsync(member, ScopeScripts.BeginFill, scope) is not [_, var pruned]) return;
        var totals = await store.DaysOfAsync(scope, from, CancellationToken.None);
        await redis.RunAsync(member, ScopeScripts.Fill,
        [
            scope, (string?)pruned, clock.Today.DayNumber, from.DayNumber,
            .. totals.SelectMany(total => new RedisValue[] { total.Day.DayNumber, total.Cost.Text(), total.Entries, total.Calls }),
        ]);
    }
}
