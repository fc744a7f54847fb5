using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Ledger;
using AiPipe.Proxy.Ledger.Entries;
using AiPipe.Proxy.Money;
using AiPipe.Proxy.Usage;
using AiPipe.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace AiPipe.Tests.Ledger;

public sealed class LedgerWriterTests(PostgresFixture postgres)
{
    private static readonly BudgetScope Ann = Scope("ann@example.com");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Entries_written_twice_at_once_are_there_once()
    {
        await using var host = await LedgerHost.StartAsync(await postgres.NewDatabaseAsync());
        var entries = Enumerable.Range(0, 300).Select(i => host.Entry(
            new Reservation(Guid.CreateVersion7(), [Scope($"user{i % 7}@example.com"), Ann], default, new DateOnly(2026, 3, 1 + (i % 3))),
                0.01m)).ToList();
        var store = host.Get<LedgerStore>();
        await Task.WhenAll(Enumerable.Range(0, 8).SelectMany(i => entries.Chunk(50 + (i * 7)))
            .Select(part => store.WriteAsync(part, Cancel)));

        Assert.Equal(300, (await host.EntriesAsync()).Count);
        var days = await host.DaysAsync();
        Assert.Equal(24, days.Count);
        Assert.Equal((6m, 600), (days.Sum(day => day.Cost.ToUsd()), days.Sum(day => day.Calls)));
    }

    [Fact]
    public async Task Flush_returns_when_everything_before_it_is_in_postgres()
    {
        await using var host = await LedgerHost.StartAsync(await postgres.NewDatabaseAsync());
        await host.Ledger.FlushAsync(Cancel);
        for (var i = 1; i <= 5; i++)
        {
            await SpendAsync(host, 0.1m);
            await host.Ledger.FlushAsync(Cancel);
            Assert.Equal(i, (await host.EntriesAsync()).Count);
        }
        Assert.Equal(0, host.Get<LedgerWriter>().Pending);
    }

    [Fact]
    public async Task A_call_that_is_closed_twice_counts_once()
    {
        await using var host = await LedgerHost.StartAsync(await postgres.NewDatabaseAsync());
        var reservation = await host.OpenAsync(Ann, 0.5m);
        await host.Ledger.CloseAsync(reservation, host.Entry(reservation, 0.1m));
        await host.Ledger.CloseAsync(reservation, host.Entry(reservation, 0.2m));
        await host.Ledger.FlushAsync(Cancel);
        Assert.Equal(0.1m, Assert.Single(await host.EntriesAsync()).Cost.ToUsd());
        Assert.Equal(0.1m, (await host.Counter.ReadAsync(Ann, Cancel)).Spent.ToUsd());
    }

    [Fact]
    public async Task With_postgres_away_entries_wait_and_are_written_once_when_it_is_back()
    {
        await using var server = new PostgresServer();
        await server.StartAsync();
        await using var host = await LedgerHost.StartAsync(await server.NewDatabaseAsync(), null, ("AiPipe:Ledger:MaxPending", "20"));
        await SpendAsync(host, 0.01m);
        await host.Ledger.FlushAsync(Cancel);

        await server.StopAsync();
        var last = await host.OpenAsync(Ann, 0.01m);
        for (var i = 0; i < 20; i++) await SpendAsync(host, 0.01m);
        Assert.False(host.Ledger.Open(host.Entry(last, 0) with { Id = Guid.NewGuid() }, PicoUsd.Zero));
        await host.Ledger.CloseAsync(last, host.Entry(last, 0.01m));
        Assert.Equal(0.22m, (await host.Counter.ReadAsync(Ann, Cancel)).Spent.ToUsd());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            using var impatient = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
            await host.Ledger.FlushAsync(impatient.Token);
        });

        await server.StartAsync();
        await host.Ledger.FlushAsync(Cancel);
        Assert.Equal(22, (await host.EntriesAsync()).Count);
        Assert.Equal((0.22m, 22), Assert.Single((await host.DaysAsync()).Select(day => (day.Cost.ToUsd(), day.Calls))));
        Assert.Equal(0, host.Get<Journal>().Outstanding);
        await SpendAsync(host, 0.01m);
    }

    [Fact]
    public async Task A_stop_writes_what_waits_and_leaves_no_journal()
    {
        var database = await postgres.NewDatabaseAsync();
        var folder = Scratch.NewFolder("journal");
        await using (var host = await LedgerHost.StartAsync(database, Path.Combine(folder, "journal")))
        {
            await SpendAsync(host, 0.1m);
            await host.StopAsync();
            Assert.Single(await host.EntriesAsync());
            host.Get<Journal>().Dispose();
            Assert.Empty(Directory.GetFileSystemEntries(host.Folder));
        }
        Directory.Delete(folder);
    }

    [Fact]
    public async Task A_correction_sets_a_day_and_leaves_a_note()
    {
        await using var host = await LedgerHost.StartAsync(await postgres.NewDatabaseAsync());
        await SpendAsync(host, 0.25m);
        var today = DateOnly.FromDateTime(host.Clock.GetUtcNow().UtcDateTime);
        await host.Ledger.RecordAdjustmentAsync("ann@example.com", today, PicoUsd.FromUsd(0.1m), "by admin@example.com", Cancel);
        await host.Ledger.RecordAdjustmentAsync(
            "ann@example.com", today.AddDays(-1), PicoUsd.FromUsd(1.23m), "by admin@example.com", Cancel);

        Assert.Equal(1.33m, (await host.Counter.ReadAsync(Ann, Cancel)).Spent.ToUsd());
        var all = await new UsageQueries(host.Counter, host.Ledger, host.Get<IServiceScopeFactory>()).AllUsageAsync(Cancel);
        Assert.Equal([new UserDay("ann@example.com", today.AddDays(-1), 1.23m), new UserDay("ann@example.com", today, 0.1m)], all);
        var entries = (await host.EntriesAsync()).Where(entry => entry.Kind == EntryKind.Adjustment).ToList();
        Assert.Equal([-0.15m, 1.23m], entries.Select(entry => entry.Cost.ToUsd()));
        Assert.All(entries, entry => Assert.Equal("by admin@example.com", entry.Note));
        Assert.Equal([0, 1], (await host.DaysAsync()).Select(day => day.Calls));
    }

    private static async Task SpendAsync(LedgerHost host, decimal usd)
    {
        var reservation = await host.OpenAsync(Ann, usd);
        await host.Ledger.CloseAsync(reservation, host.Entry(reservation, usd));
    }

    private static BudgetScope Scope(string email) =>
        new(BudgetScope.UserKey(email), new Budget(PicoUsd.FromUsd(100), new BudgetWindow.LastDays(7)));
}
