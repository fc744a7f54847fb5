using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Ledger;
using AiPipe.Proxy.Money;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Ledger;

/// <summary>What an entry waits for, and what it cannot hold up.</summary>
public sealed class DurabilityTests(PostgresFixture postgres)
{
    private static readonly BudgetScope Scope = new("user:ann@example.com", new Budget(PicoUsd.FromUsd(1), new BudgetWindow.LastDays(7)));

    [Fact]
    public async Task Reply_durability_returns_when_postgres_has_the_entry()
    {
        await using var host =
            await LedgerHost.StartAsync(await postgres.NewDatabaseAsync(), settings: ("AiPipe:Ledger:Durability", "reply"));
        var reservation = await host.OpenAsync(Scope, 0.1m);
        await host.Ledger.CloseAsync(reservation, host.Entry(reservation, 0.01m));

        Assert.Equal(PicoUsd.FromUsd(0.01m), Assert.Single(await host.EntriesAsync()).Cost);
    }

    [Fact]
    public async Task Reply_durability_waits_for_an_absent_postgres_only_so_long()
    {
        await using var server = new PostgresServer();
        await server.StartAsync();
        await using var host = await LedgerHost.StartAsync(
            await server.NewDatabaseAsync(), null, ("AiPipe:Ledger:Durability", "reply"), ("AiPipe:Ledger:ReplyTimeout", "00:00:00.3"));
        var reservation = await host.OpenAsync(Scope, 0.1m);
        await server.StopAsync();
        var begun = System.Diagnostics.Stopwatch.GetTimestamp();
        await host.Ledger.CloseAsync(reservation, host.Entry(reservation, 0.01m));
        // Timers may ring a little early, and late on a busy machine.
        Assert.InRange(System.Diagnostics.Stopwatch.GetElapsedTime(begun), TimeSpan.FromSeconds(0.25), Eventually.Limit);
        Assert.Equal(1, host.Get<Journal>().Outstanding);

        await server.StartAsync();
        await host.Ledger.FlushAsync(TestContext.Current.CancellationToken);
        Assert.Single(await host.EntriesAsync());
    }

    [Fact]
    public async Task Entry_that_postgres_refuses_is_set_aside_and_holds_no_other_up()
    {
        await using var host = await LedgerHost.StartAsync(await postgres.NewDatabaseAsync());
        // A scope longer than an index can hold: no caller gets this far with one, but nothing must depend on that.
        var endless = new BudgetScope("user:" + string.Concat(Enumerable.Range(0, 3000).Select(i => Guid.NewGuid())), Scope.Budget);
        foreach (var scope in new[] { Scope, endless, Scope })
        {
            var reservation = await host.OpenAsync(scope, 0.1m);
            await host.Ledger.CloseAsync(reservation, host.Entry(reservation, 0.01m));
        }
        await host.Ledger.FlushAsync(TestContext.Current.CancellationToken);

        Assert.Equal(2, (await host.EntriesAsync()).Count);
        var kept = Assert.Single(
            await File.ReadAllLinesAsync(Path.Combine(host.Folder, "refused-entries.jsonl"), TestContext.Current.CancellationToken));
        Assert.Contains(endless.Key, kept, StringComparison.Ordinal);
    }
}
