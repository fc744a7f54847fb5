using System.Diagnostics;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Counters.Redis;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pricing;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Ledger;
using AiPipe.Tests.Support;
using StackExchange.Redis;

namespace AiPipe.Tests.Counters.Redis;

/// <summary>Counters in Redis where something around them fails, or everybody comes at once.</summary>
public abstract class SharedCounterTroubleTests(PostgresFixture postgres, RedisFixture redis)
{
    private static readonly BudgetScope Ann = new("user:ann@example.com", new Budget(PicoUsd.FromUsd(1), new BudgetWindow.LastDays(7)));
    private static readonly (string, string) Refuse = ("AiPipe:Budgets:OnCounterOutage", "refuse");
    private static readonly (string, string) ShortLife = ("AiPipe:Budgets:ReplicaTimeout", "00:00:05");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_crowd_for_the_last_money_gets_none_that_is_not_there()
    {
        var server = await redis.NewServerAsync();
        await using var host = await ReplicaAsync(await postgres.NewDatabaseAsync(), server, ("AiPipe:Budgets:HoldShare", "0.1"));
        // Each holds a tenth of what remains at most: everybody's next try finds less room than the last one told.
        var bound = new CostBound(PicoUsd.Zero, PicoUsd.FromUsd(0.000001m), null, null, CanLimit: true);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 400).Select(_ => Task.Run(
            async () => await host.Counter.ReserveAsync(Guid.CreateVersion7(), [Ann], bound, host.Clock.Today, Cancel), Cancel)));
        var held = outcomes.OfType<ReserveOutcome.Reserved>().Sum(outcome => outcome.Reservation.Amount.ToUsd());
        Assert.InRange(held, 0.5m, 1m);
        Assert.Equal(outcomes.Length,
            outcomes.Count(outcome => outcome is ReserveOutcome.Reserved or ReserveOutcome.NoRoom { WaitingHelps: true }));
        Assert.Equal(held, (await host.Counter.ReadAsync(Ann, Cancel)).Reserved.ToUsd());
    }

    [Fact]
    public async Task While_Postgres_hangs_replicas_stay_alive_and_join_again()
    {
        await using var database = new PostgresServer();
        await database.StartAsync();
        var server = await redis.NewServerAsync();
        var name = await database.NewDatabaseAsync();
        await using var host = await ReplicaAsync(name, server, Refuse, ShortLife);
        await using var other = await ReplicaAsync(name, server, Refuse, ShortLife);
        await host.OpenAsync(Ann, 0.4m, 0.1m);
        await database.PauseAsync();
        try
        {
            for (var begun = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begun) < TimeSpan.FromSeconds(12);)
            {
                await server.ForgetScriptsAsync();
                foreach (var replica in new[] { host, other })
                {
                    var outcome = await replica.Counter.ReserveAsync(Guid.CreateVersion7(), [Ann], Bound(0.5m), host.Clock.Today, Cancel);
                    Assert.True(await replica.Counter.ReleaseAsync(Assert.IsType<ReserveOutcome.Reserved>(outcome).Reservation));
                    var now = await replica.Counter.ReadAsync(Ann, Cancel);
                    Assert.Equal((0, 0.4m), (now.Spent.ToUsd(), now.Reserved.ToUsd()));
                }
            }
        }
        finally
        {
            await database.ResumeAsync();
        }
    }

    [Fact]
    public async Task A_frozen_Postgres_holds_up_a_new_caller_for_seconds_only()
    {
        await using var database = new PostgresServer();
        await database.StartAsync();
        await using var host = await LedgerHost.StartAsync(await database.NewDatabaseAsync());
        // Leaves a connection behind that is open.
        await host.Counter.ReadAsync(Ann, Cancel);
        await database.PauseAsync();
        try
        {
            var bob = Ann with { Key = "user:bob@example.com" };
            await Assert.ThrowsAsync<Npgsql.NpgsqlException>(
                () => host.Counter.ReadAsync(bob, Cancel).AsTask().WaitAsync(Eventually.Limit, Cancel));
        }
        finally
        {
            await database.ResumeAsync();
        }
    }

    [Fact]
    public async Task A_counter_that_lapsed_owes_nothing_for_calls_of_the_dead()
    {
        var server = await redis.NewServerAsync();
        var name = await postgres.NewDatabaseAsync();
        await using var dead = await ReplicaAsync(name, server, ShortLife);
        await using var host = await ReplicaAsync(name, server, ShortLife);
        await dead.OpenAsync(Ann, 0.4m, 0.1m);
        dead.Crash();
        var keys = host.Get<IConnectionMultiplexer>().GetDatabase();
        Assert.True(await keys.KeyDeleteAsync($"{{aipipe}}:{await keys.HashGetAsync("{aipipe}:epoch", "id")}:scope:{Ann.Key}"));
        await Eventually.TrueAsync(async () => (await host.EntriesAsync()).Count == 1, "the dead replica's call is booked");
        await host.Ledger.FlushAsync(Cancel);
        Assert.Equal(PicoUsd.Zero, (await host.Counter.ReadAsync(Ann, Cancel)).Reserved);
    }

    [Fact]
    public async Task Outages_one_after_the_other_share_a_lease_until_what_was_lent_fits()
    {
        var server = await redis.NewServerAsync();
        await using var host = await ReplicaAsync(await postgres.NewDatabaseAsync(), server);
        // All that there is; Postgres does not know of it.
        var long1 = await host.OpenAsync(Ann, 1);
        Assert.True(await SpendAwayAsync());
        Assert.False(await SpendAwayAsync());
        await host.Ledger.CloseAsync(long1, host.Entry(long1, 0.1m));
        Assert.False(await SpendAwayAsync());
        Assert.True(await host.Counter.ReleaseAsync(await host.OpenAsync(Ann, 0.2m)));
        Assert.True(await SpendAwayAsync());

        async Task<bool> SpendAwayAsync()
        {
            await server.PauseAsync();
            try
            {
                var outcome = await host.Counter.ReserveAsync(Guid.CreateVersion7(), [Ann], Bound(0.05m), host.Clock.Today, Cancel);
                // Both kinds of refusal lend nothing: over the limit, and unavailable.
                return outcome is ReserveOutcome.Reserved reserved
                    && await host.Counter.SettleAsync(reserved.Reservation, PicoUsd.FromUsd(0.05m));
            }
            catch (CounterUnavailableException)
            {
                return false;
            }
            finally
            {
                await server.ResumeAsync();
                await Eventually.TrueAsync(() => host.Get<LocalReservations>().Member is not null, "it has joined again");
            }
        }
    }

    [Fact]
    public async Task While_Redis_answers_nothing_is_lent()
    {
        var server = await redis.NewServerAsync();
        await using var host = await ReplicaAsync(await postgres.NewDatabaseAsync(), server);
        await host.OpenAsync(Ann, 0.98m);
        var keys = host.Get<IConnectionMultiplexer>().GetDatabase();
        var counter = (RedisKey)$"{{aipipe}}:{await keys.HashGetAsync("{aipipe}:epoch", "id")}:scope:{Ann.Key}";
        // Whatever is filled is lost again at once.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var thieves = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested) await keys.HashDeleteAsync(counter, "asof");
        }, Cancel)).ToList();
        for (var i = 0; i < 20; i++)
        {
            var outcome = await Record.ExceptionAsync(async () => Assert.IsNotType<ReserveOutcome.Reserved>(
                await host.Counter.ReserveAsync(Guid.CreateVersion7(), [Ann], Bound(0.03m), host.Clock.Today, Cancel)));
            Assert.True(outcome is null or CounterUnavailableException, $"{outcome}");
        }
        await stop.CancelAsync();
        await Task.WhenAll(thieves);
        Assert.Equal(0.98m, (await host.Counter.ReadAsync(Ann, Cancel)).Reserved.ToUsd());
    }

    [Fact]
    public async Task Counters_that_Redis_and_Postgres_lost_together_wait_for_everybody()
    {
        await using var database = new PostgresServer();
        await database.StartAsync();
        var server = await redis.NewServerAsync();
        var name = await database.NewDatabaseAsync();
        await using var host = await ReplicaAsync(name, server, ("AiPipe:Budgets:ReplicaTimeout", "00:00:05"));
        var registry = host.Get<AiPipe.Proxy.Infrastructure.Replicas.ReplicaRegistry>();
        await database.PauseAsync();
        await Eventually.TrueAsync(() => registry.IsAway, "its sign of life is late");
        await database.ResumeAsync();
        var away = Stopwatch.GetTimestamp();
        await Eventually.TrueAsync(() =>
        {
            var now = Stopwatch.GetTimestamp();
            if (registry.IsAway) away = now;
            return !registry.IsAway;
        }, "it is registered again");
        await server.FlushAsync();
        await Eventually.TrueAsync(async () => await registry.LivingAsync(Cancel) is not null, "others may have registered, too");
        Assert.InRange(Stopwatch.GetElapsedTime(away), registry.Pause, TimeSpan.MaxValue);
        await Eventually.TrueAsync(() => host.Get<LocalReservations>().Member is not null, "it has joined");
    }

    [Fact]
    public void Sums_that_were_not_told_are_told_to_whom_it_has_joined_meanwhile()
    {
        var calls = new LocalReservations(TimeProvider.System);
        var (first, second) = (new Membership("e", "1"), new Membership("e", "2"));
        Assert.True(calls.TryFinish(first, out _, out _));
        Assert.True(calls.Lose(first));
        calls.Begin();
        Assert.True(calls.TryFinish(second, out _, out _));
        Assert.Equal(second, calls.NotTold([new("user:ann@example.com", new(2026, 3, 1), PicoUsd.FromUsd(1), 1, 1)]));
    }

    private static CostBound Bound(decimal usd) => new(PicoUsd.FromUsd(usd), PicoUsd.Zero, null, null, CanLimit: false);

    private static Task<LedgerHost> ReplicaAsync(string database, RedisProcess server, params (string Key, string Value)[] settings) =>
        LedgerHost.StartAsync(database, settings: [("ConnectionStrings:redis", server.Address), .. settings]);
}

/// <summary>On <c>redis-server</c>.</summary>
public sealed class RedisTroubleTests(PostgresFixture postgres, RedisFixture redis) : SharedCounterTroubleTests(postgres, redis),
    IClassFixture<RedisFixture>;

/// <summary>On Garnet.</summary>
public sealed class GarnetTroubleTests(PostgresFixture postgres, GarnetFixture redis) : SharedCounterTroubleTests(postgres, redis),
    IClassFixture<GarnetFixture>;
