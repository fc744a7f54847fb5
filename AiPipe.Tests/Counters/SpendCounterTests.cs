using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pricing;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Ledger;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Counters;

/// <summary>What holds for every counter.</summary>
public abstract class SpendCounterTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly Budget OneUsdAWeek = new(PicoUsd.FromUsd(1), new BudgetWindow.LastDays(7));
    private protected LedgerHost Host { get; private set; } = null!;

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Chooses the counter.</summary>
    private protected virtual Task<(string Key, string Value)[]> SettingsAsync() => Task.FromResult<(string, string)[]>([]);

    public virtual async ValueTask InitializeAsync() =>
        Host = await LedgerHost.StartAsync(await postgres.NewDatabaseAsync(), settings: await SettingsAsync());

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        // Null where the test was passed over.
        if (Host is not null) await Host.DisposeAsync();
    }

    [Fact]
    public async Task Of_a_hundred_calls_at_once_as_many_pass_as_fit()
    {
        var scope = Scope("ann@example.com", 1.6m);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => ReserveAsync(0.1m, scope), Cancel)));
        var passed = outcomes.OfType<ReserveOutcome.Reserved>().Select(outcome => outcome.Reservation).ToList();
        Assert.Equal(16, passed.Count);
        Assert.All(outcomes.OfType<ReserveOutcome.NoRoom>(), no => Assert.True(no.WaitingHelps));

        foreach (var reservation in passed) await Host.Ledger.CloseAsync(reservation, Host.Entry(reservation, 0.05m));
        Assert.IsType<ReserveOutcome.Reserved>(await ReserveAsync(0.8m, scope));
        Assert.False(Assert.IsType<ReserveOutcome.NoRoom>(await ReserveAsync(0.81m, scope)).WaitingHelps);
    }

    [Fact]
    public async Task Spent_and_held_never_exceed_the_limit_in_any_scope()
    {
        var user = Scope("ann@example.com", 1);
        var apps = new[] { App("https://a.example", 0.4m), App("https://b.example", 0.3m) };
        var (running, broken, spent) = (true, 0, 0L);
        var watch = Task.Run(async () =>
        {
            while (Volatile.Read(ref running))
                foreach (var scope in apps.Append(user))
                {
                    await Task.Yield();
                    var now = await Host.Counter.ReadAsync(scope, Cancel);
                    if (now.Spent + now.Reserved > now.Limit || now.Reserved < PicoUsd.Zero) Interlocked.Increment(ref broken);
                }
        }, Cancel);
        try
        {
            await Parallel.ForAsync(
                0, 200, new ParallelOptions { MaxDegreeOfParallelism = 200, CancellationToken = Cancel }, async (i, _) =>
            {
                var random = new Random(i);
                for (var call = 0; call < 50; call++)
                {
                    var held = random.Next(1, 60) / 1000m;
                    if (await ReserveAsync(
                        held, user, apps[random.Next(2)]) is not ReserveOutcome.Reserved { Reservation: var reservation }) continue;
                    await Task.Yield();
                    var cost = held * random.Next(0, 11) / 100;
                    Interlocked.Add(ref spent, PicoUsd.FromUsd(cost).Value);
                    Assert.True(await Host.Counter.SettleAsync(reservation, PicoUsd.FromUsd(cost)));
                    Assert.False(await Host.Counter.SettleAsync(reservation, PicoUsd.FromUsd(cost)));
                }
            });
        }
        finally
        {
            Volatile.Write(ref running, false);
        }
        await watch;

        Assert.Equal(0, broken);
        var (total, a, b) = (await ReadAsync(user), await ReadAsync(apps[0]), await ReadAsync(apps[1]));
        Assert.Equal((spent, 0), (total.Spent.Value, total.Reserved.Value));
        Assert.Equal(total.Spent, a.Spent + b.Spent);
        Assert.True(spent > 0);
    }

    [Fact]
    public async Task A_window_of_days_moves_at_midnight()
    {
        var scope = new BudgetScope("user:ann@example.com", new Budget(PicoUsd.FromUsd(1), new BudgetWindow.LastDays(2)));
        Host.Clock.MoveTo(new(2026, 3, 1, 23, 59, 50, TimeSpan.Zero));
        await SpendAsync(scope, 0.6m);
        Host.Clock.MoveTo(new(2026, 3, 2, 0, 0, 5, TimeSpan.Zero));
        await SpendAsync(scope, 0.4m);
        var no = Assert.IsType<ReserveOutcome.NoRoom>(await ReserveAsync(0.1m, scope)).Scope;
        Assert.Equal(1, no.Spent.ToUsd());
        Assert.Equal(new DateOnly(2026, 3, 3), no.ResetsOn());

        Host.Clock.MoveTo(new(2026, 3, 3, 0, 0, 5, TimeSpan.Zero));
        Assert.Equal([new DaySpend(new(2026, 3, 2), PicoUsd.FromUsd(0.4m))], (await ReadAsync(scope)).Days);
        Assert.IsType<ReserveOutcome.Reserved>(await ReserveAsync(0.6m, scope));
    }

    [Fact]
    public async Task A_month_starts_anew_on_the_first()
    {
        var scope = new BudgetScope("user:ann@example.com", new Budget(PicoUsd.FromUsd(1), new BudgetWindow.CalendarMonth()));
        Host.Clock.MoveTo(new(2028, 2, 29, 12, 0, 0, TimeSpan.Zero));
        await SpendAsync(scope, 1);
        var no = Assert.IsType<ReserveOutcome.NoRoom>(await ReserveAsync(0.1m, scope)).Scope;
        Assert.Equal(new DateOnly(2028, 3, 1), no.ResetsOn());
        Host.Clock.MoveTo(new(2028, 3, 1, 0, 0, 0, TimeSpan.Zero));
        Assert.IsType<ReserveOutcome.Reserved>(await ReserveAsync(1, scope));
    }

    [Fact]
    public async Task A_limit_of_zero_blocks_even_what_is_free()
    {
        Assert.IsType<ReserveOutcome.NoRoom>(await ReserveAsync(0, Scope("ann@example.com", 0)));
        var spent = Scope("bob@example.com", 0.1m);
        await SpendAsync(spent, 0.1m);
        Assert.IsType<ReserveOutcome.Reserved>(await ReserveAsync(0, spent));
    }

    private protected async Task SpendAsync(BudgetScope scope, decimal usd)
    {
        var reservation = await Host.OpenAsync(scope, usd);
        await Host.Ledger.CloseAsync(reservation, Host.Entry(reservation, usd));
    }

    private protected async Task<ReserveOutcome> ReserveAsync(decimal usd, params BudgetScope[] scopes) => await Host.Counter.ReserveAsync(
        Guid.NewGuid(), scopes, Bound(usd), DateOnly.FromDateTime(Host.Clock.GetUtcNow().UtcDateTime), Cancel);

    private protected async Task<ScopeSpend> ReadAsync(BudgetScope scope) => await Host.Counter.ReadAsync(scope, Cancel);

    private protected static CostBound Bound(decimal usd) => new(PicoUsd.FromUsd(usd), PicoUsd.Zero, null, null, CanLimit: false);

    private protected static BudgetScope Scope(string email, decimal usd) =>
        new(BudgetScope.UserKey(email), OneUsdAWeek with { Limit = PicoUsd.FromUsd(usd) });

    private protected static BudgetScope App(string origin, decimal usd) =>
        new(BudgetScope.AppKey("ann@example.com", origin), OneUsdAWeek with { Limit = PicoUsd.FromUsd(usd) });
}
