using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Counters.Redis;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Ledger.Entries;
using AiPipe.Proxy.Money;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Ledger;
using AiPipe.Tests.Support;
using Npgsql;

namespace AiPipe.Tests.Counters.Redis;

/// <summary>The counter that replicas share.</summary>
public abstract class SharedSpendCounterTests(PostgresFixture postgres, RedisFixture redis) : SpendCounterTests(postgres)
{
    private RedisProcess _redis = null!;

    private protected override async Task<(string Key, string Value)[]> SettingsAsync()
    {
        _redis = await redis.NewServerAsync();
        return [("REDIS_ADDRESS", $"redis://{_redis.Address}")];
    }

    [Fact]
    public void Redis_counts_where_it_is_configured() => Assert.IsType<RedisSpendCounter>(Host.Counter);

    [Fact]
    public async Task Sums_beyond_the_exactness_of_doubles_are_exact()
    {
        // 2^53 pico-USD are 9,007.20 USD; here the last one of nine million decides.
        var limit = 8_999_999.999999999999m;
        var scope = Scope("ann@example.com", limit);
        await SpendAsync(scope, limit - 0.000000000002m);
        Assert.False(Assert.IsType<ReserveOutcome.NoRoom>(await ReserveAsync(0.000000000003m, scope)).WaitingHelps);
        await SpendAsync(scope, 0.000000000001m);
        Assert.False(Assert.IsType<ReserveOutcome.NoRoom>(await ReserveAsync(0.000000000002m, scope)).WaitingHelps);
        Assert.IsType<ReserveOutcome.Reserved>(await ReserveAsync(0.000000000001m, scope));
        var now = await ReadAsync(scope);
        Assert.Equal((limit - 0.000000000001m, 0.000000000001m), (now.Spent.ToUsd(), now.Reserved.ToUsd()));
    }

    [Fact]
    public async Task Two_replicas_together_stay_within_the_limit()
    {
        await using var other = await ReplicaAsync();
        var scope = Scope("ann@example.com", 1);
        var passed = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(async () =>
        {
            var host = i % 2 == 0 ? Host : other;
            var outcome = await host.Counter.ReserveAsync(Guid.CreateVersion7(), [scope], Bound(0.03m), Today, Cancel);
            if (outcome is not ReserveOutcome.Reserved { Reservation: var reservation }) return 0;
            await host.Ledger.CloseAsync(reservation, host.Entry(reservation, 0.02m));
            Assert.False(await host.Counter.SettleAsync(reservation, PicoUsd.FromUsd(0.02m)));
            return 1;
        }, Cancel)));
        var spent = passed.Sum() * 0.02m;
        Assert.InRange(spent, 0.6m, 1m);
        foreach (var host in new[] { Host, other })
        {
            await host.Ledger.FlushAsync(Cancel);
            var now = await host.Counter.ReadAsync(scope, Cancel);
            Assert.Equal((spent, 0), (now.Spent.ToUsd(), now.Reserved.ToUsd()));
        }
        Assert.Equal(spent, (await Host.DaysAsync()).Sum(day => day.Cost.ToUsd()));
    }

    [Fact]
    public async Task Forgotten_scripts_are_sent_again()
    {
        var scope = Scope("ann@example.com", 1);
        await SpendAsync(scope, 0.1m);
        await _redis.ForgetScriptsAsync();
        await SpendAsync(scope, 0.1m);
        Assert.Equal(0.2m, (await ReadAsync(scope)).Spent.ToUsd());
    }

    [Fact]
    public async Task Wiped_server_is_filled_again_and_still_holds_what_is_in_flight()
    {
        var scope = Scope("ann@example.com", 1);
        await SpendAsync(scope, 0.3m);
        var open = await Host.OpenAsync(scope, 0.4m);
        await _redis.FlushAsync();

        Assert.True(Assert.IsType<ReserveOutcome.NoRoom>(await ReserveAsync(0.4m, scope)).WaitingHelps);
        var now = await ReadAsync(scope);
        Assert.Equal((0.3m, 0.4m), (now.Spent.ToUsd(), now.Reserved.ToUsd()));
        await Host.Ledger.CloseAsync(open, Host.Entry(open, 0.2m));
        now = await ReadAsync(scope);
        Assert.Equal((0.5m, 0), (now.Spent.ToUsd(), now.Reserved.ToUsd()));
    }

    [Fact]
    public async Task What_another_replica_has_in_flight_outlives_a_wipe()
    {
        var scope = Scope("ann@example.com", 1);
        await using var other = await ReplicaAsync();
        var open = await Host.OpenAsync(scope, 0.4m);
        await _redis.FlushAsync();
        // Filled by somebody who knows nothing of it.
        var now = await other.Counter.ReadAsync(scope, Cancel);
        Assert.Equal((0, 0.4m), (now.Spent.ToUsd(), now.Reserved.ToUsd()));
        await Host.Ledger.CloseAsync(open, Host.Entry(open, 0.2m));
        await Host.Ledger.FlushAsync(Cancel);
        now = await other.Counter.ReadAsync(scope, Cancel);
        Assert.Equal((0.2m, 0), (now.Spent.ToUsd(), now.Reserved.ToUsd()));
    }

    [Fact]
    public async Task Wipes_under_load_lose_no_cent_and_count_none_twice()
    {
        await using var other = await ReplicaAsync();
        var scope = Scope("ann@example.com", 1000);
        await Parallel.ForAsync(0, 40, Cancel, async (i, _) =>
        {
            var host = i % 2 == 0 ? Host : other;
            for (var call = 0; call < 25; call++)
            {
                var reservation = await OpenWhenPossibleAsync(host, scope);
                if (i == 0 && call % 5 == 0) await _redis.FlushAsync();
                await host.Ledger.CloseAsync(reservation, host.Entry(reservation, 0.01m));
            }
        });
        await Host.Ledger.FlushAsync(Cancel);
        await other.Ledger.FlushAsync(Cancel);
        // What is still held of calls that ended while it was being restored is dropped with the next call.
        foreach (var host in new[] { Host, other }) Assert.True(await host.Counter.ReleaseAsync(await OpenWhenPossibleAsync(host, scope)));
        var now = await ReadAsync(scope);
        Assert.Equal((10m, 0), (now.Spent.ToUsd(), now.Reserved.ToUsd()));
        Assert.Equal(10m, (await Host.DaysAsync()).Sum(day => day.Cost.ToUsd()));
    }

    [Fact]
    public async Task A_mark_that_is_late_does_not_bring_its_call_back()
    {
        var scope = Scope("ann@example.com", 1);
        var reservation = await Host.OpenAsync(scope, 0.4m);
        var member = Host.Get<LocalReservations>().Member!;
        await Host.Ledger.CloseAsync(reservation, Host.Entry(reservation, 0.1m));
        await Host.Ledger.FlushAsync(Cancel);
        var call = new LocalReservation(
            reservation.Id, reservation.Keys, Today, reservation.Amount, PicoUsd.FromUsd(0.3m), IsSettled: false);
        Assert.NotNull(await Host.Get<RedisMember>().MarkAsync(member, call));
        var now = await ReadAsync(scope);
        Assert.Equal((0.1m, 0), (now.Spent.ToUsd(), now.Reserved.ToUsd()));
    }

    [Fact]
    public async Task Known_scopes_go_on_over_midnight_without_postgres()
    {
        await using var server = new PostgresServer();
        await server.StartAsync();
        await using var host = await LedgerHost.StartAsync(
            await server.NewDatabaseAsync(), null, ("ConnectionStrings:redis", (await redis.NewServerAsync()).Address));
        host.Clock.MoveTo(new(2026, 3, 1, 23, 59, 0, TimeSpan.Zero));
        var (known, stranger) = (Scope("ann@example.com", 1), Scope("bob@example.com", 1));
        var first = await host.OpenAsync(known, 0.4m);
        await host.Ledger.CloseAsync(first, host.Entry(first, 0.4m));
        await host.Ledger.FlushAsync(Cancel);
        await server.StopAsync();
        host.Clock.MoveTo(new(2026, 3, 2, 0, 1, 0, TimeSpan.Zero));
        var next = await host.OpenAsync(known, 0.5m);
        Assert.Equal(0.4m, (await host.Counter.ReadAsync(known, Cancel)).Spent.ToUsd());
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => host.OpenAsync(stranger, 0.1m));
        await server.StartAsync();
        await host.Ledger.CloseAsync(next, host.Entry(next, 0.5m));
        await host.Ledger.FlushAsync(Cancel);
        Assert.Equal(0.9m, (await host.Counter.ReadAsync(known, Cancel)).Spent.ToUsd());
    }

    [Fact]
    public async Task Correction_sets_the_day_for_all_replicas()
    {
        await using var other = await ReplicaAsync();
        var scope = Scope("ann@example.com", 1);
        await SpendAsync(scope, 0.3m);
        await other.Ledger.RecordAdjustmentAsync("ann@example.com", Today, PicoUsd.FromUsd(0.1m), "test", Cancel);
        Assert.Equal(0.1m, (await ReadAsync(scope)).Spent.ToUsd());
        await Host.Ledger.FlushAsync(Cancel);
        await other.Ledger.FlushAsync(Cancel);
        await _redis.FlushAsync();
        Assert.Equal(0.1m, (await ReadAsync(scope)).Spent.ToUsd());
    }

    [Fact]
    public async Task Correction_downwards_is_not_taken_off_twice_where_another_replica_tells_the_sum_first()
    {
        await using var other = await ReplicaAsync();
        var scope = Scope("ann@example.com", 1);
        await SpendAsync(scope, 0.3m);
        await Host.Ledger.FlushAsync(Cancel);
        var id = Guid.CreateVersion7();
        var difference = await Host.Counter.SetDayAsync(id, scope.Key, Today, PicoUsd.FromUsd(0.1m), Cancel);
        Assert.Equal(-0.2m, difference.ToUsd());
        var correction = new LedgerEntry
        {
            Id = id,
            User = "ann@example.com",
            Day = Today,
            StartedAt = Host.Clock.GetUtcNow(),
            Scopes = [scope.Key],
            Kind = EntryKind.Adjustment,
            Cost = difference,
        };

        // Postgres has it, and another replica has heard the sum: by a call of its own, or by filling the scope for a new day.
        var totals = await Host.Get<LedgerStore>().WriteAsync([correction], Cancel);
        await other.Counter.WrittenAsync(new([], totals));
        Assert.InRange((await ReadAsync(scope)).Spent.ToUsd(), 0.1m, 0.3m);
        Assert.IsType<ReserveOutcome.NoRoom>(await ReserveAsync(0.91m, scope));
        var tomorrow = Host.Clock.GetUtcNow().AddDays(1);
        foreach (var host in new[] { Host, other }) host.Clock.MoveTo(tomorrow);
        Assert.InRange((await other.Counter.ReadAsync(scope, Cancel)).Spent.ToUsd(), 0.1m, 0.3m);

        await Host.Counter.WrittenAsync(new([correction], totals));
        Assert.Equal(0.1m, (await ReadAsync(scope)).Spent.ToUsd());
    }

    [Fact]
    public async Task Correction_takes_nothing_for_spent_twice()
    {
        await using var other = await ReplicaAsync();
        var scope = Scope("ann@example.com", 1);
        var reservation = await Host.OpenAsync(scope, 0.3m);
        Assert.True(await Host.Counter.SettleAsync(reservation, PicoUsd.FromUsd(0.3m)));
        var call = Host.Entry(reservation, 0.3m);
        var totals = await Host.Get<LedgerStore>().WriteAsync([call], Cancel);
        await other.Counter.WrittenAsync(new([], totals));
        // In the sum, and on its way there: a moment may count too much, but no correction may rest on it.
        Assert.Equal(0.6m, (await ReadAsync(scope)).Spent.ToUsd());
        Assert.Equal(-0.2m, (await other.Counter.SetDayAsync(Guid.CreateVersion7(), scope.Key, Today, PicoUsd.FromUsd(0.1m), Cancel))
            .ToUsd());
    }

    [Fact]
    public async Task Corrections_downwards_follow_one_another()
    {
        var scope = Scope("ann@example.com", 1);
        await SpendAsync(scope, 0.3m);
        await Task.WhenAll(Enumerable.Range(1, 5).Select(
            _ => Host.Ledger.RecordAdjustmentAsync("ann@example.com", Today, PicoUsd.FromUsd(0.1m), "test", Cancel).AsTask()));
        await Host.Ledger.FlushAsync(Cancel);
        Assert.Equal(0.1m, (await ReadAsync(scope)).Spent.ToUsd());
        Assert.Equal(0.1m, (await Host.DaysAsync()).Sum(day => day.Cost.ToUsd()));
    }

    private DateOnly Today => DateOnly.FromDateTime(Host.Clock.GetUtcNow().UtcDateTime);

    // A busy machine may answer later than the counter waits for: then the call is refused, and its caller tries again.
    private static async Task<Reservation> OpenWhenPossibleAsync(LedgerHost host, BudgetScope scope)
    {
        for (var timeout = 20; ; timeout--)
        {
            try
            {
                return await host.OpenAsync(scope, 0.05m);
            }
            catch (CounterUnavailableException) when (timeout > 0)
            {
                // Refused.
            }
        }
    }

    private Task<LedgerHost> ReplicaAsync(string? journals = null) =>
        LedgerHost.StartAsync(Host.Database, journals, ("ConnectionStrings:redis", _redis.Address));
}

/// <summary>On <c>redis-server</c>.</summary>
public sealed class RedisSpendCounterTests(PostgresFixture postgres, RedisFixture redis) : SharedSpendCounterTests(postgres, redis),
    IClassFixture<RedisFixture>;

/// <summary>On Garnet.</summary>
public sealed class GarnetSpendCounterTests(PostgresFixture postgres, GarnetFixture redis) : SharedSpendCounterTests(postgres, redis),
    IClassFixture<GarnetFixture>;
