using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Counters;
using AiPipe.Proxy.Ledger.Entries;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Ledger;
using Microsoft.Extensions.Options;
using Npgsql;

namespace AiPipe.Tests.Counters;

/// <summary>The counter of one process.</summary>
public sealed class MemorySpendCounterTests(PostgresFixture postgres) : SpendCounterTests(postgres)
{
    [Fact]
    public async Task A_new_counter_is_filled_from_the_daily_sums()
    {
        var scope = Scope("ann@example.com", 1);
        await SpendAsync(scope, 0.3m);
        await SpendAsync(scope, 0.000000000001m);
        await Host.Ledger.FlushAsync(Cancel);

        var fresh = NewCounter();
        var reads = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => fresh.ReadAsync(scope, Cancel).AsTask()));
        Assert.All(reads, read => Assert.Equal(0.300000000001m, read.Spent.ToUsd()));
    }

    [Fact]
    public async Task An_idle_scope_may_be_forgotten_but_not_one_in_use()
    {
        var counter = NewCounter(mostResident: 2);
        var (busy, idle) = (Scope("busy@example.com", 1), Scope("idle@example.com", 1));
        var reserved = (ReserveOutcome.Reserved)await counter.ReserveAsync(Guid.NewGuid(), [busy], Bound(0.5m), default, Cancel);
        await counter.ReadAsync(idle, Cancel);
        await SpendAsync(idle, 0.2m);
        await Host.Ledger.FlushAsync(Cancel);
        await counter.ReadAsync(Scope("third@example.com", 1), Cancel);

        Assert.Equal(0.5m, (await counter.ReadAsync(busy, Cancel)).Reserved.ToUsd());
        // Read anew: it knows now what another process wrote.
        Assert.Equal(0.2m, (await counter.ReadAsync(idle, Cancel)).Spent.ToUsd());
        Assert.True(await counter.ReleaseAsync(reserved.Reservation));
    }

    [Fact]
    public async Task A_failed_load_is_tried_again_by_the_next_call()
    {
        await using var server = new PostgresServer();
        await server.StartAsync();
        await using var host = await LedgerHost.StartAsync(await server.NewDatabaseAsync());
        var scope = Scope("ann@example.com", 1);
        await server.StopAsync();
        await Assert.ThrowsAnyAsync<NpgsqlException>(async () => await host.Counter.ReadAsync(scope, Cancel));
        await server.StartAsync();
        Assert.Equal(1, (await host.Counter.ReadAsync(scope, Cancel)).Limit.ToUsd());
    }

    private MemorySpendCounter NewCounter(int mostResident = 100) =>
        new(Host.Get<LedgerStore>(), Host.Get<IOptionsMonitor<BudgetOptions>>(), Host.Clock, mostResident);
}
