using System.Collections.Concurrent;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Ledger.Entries;
using StackExchange.Redis;

namespace AiPipe.Proxy.Counters.Redis;

/// <summary>Copies a scope's sums from Postgres at its first use and once a day. The newer reading of a sum wins.</summary>
internal sealed class RedisFill(RedisMember redis, LedgerStore store, TimeProvider clock)
{
    private readonly ConcurrentDictionary<(string Scope, DateOnly From), Lazy<Task>> _running = new();

    /// <summary>Tries once; the caller checks again. Callers share an attempt per scope, and none can cancel it.</summary>
    /// <exception cref="Npgsql.NpgsqlException">Postgres is unavailable.</exception>
    public async Task FillAsync(Membership member, string scope, DateOnly from, CancellationToken cancellationToken)
    {
        var run = _running.GetOrAdd(
            (scope, from), key => new Lazy<Task>(() => Task.Run(() => RunOnceAsync(member, key.Scope, key.From), CancellationToken.None)));
        await run.Value.WaitAsync(cancellationToken);
    }

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
