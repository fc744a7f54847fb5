using System.Diagnostics;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Counters.Redis;
using AiPipe.Proxy.Infrastructure.Replicas;
using AiPipe.Proxy.Ledger.Entries;
using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pricing;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Ledger;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Counters.Redis;

/// <summary>A gateway that counts in memory, and one of two replicas that count in Redis, each on a database of its own.</summary>
internal sealed class TwinCounters : IAsyncDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 28, 12, 0, 0, TimeSpan.Zero);

    private readonly LedgerHost[] _replicas = new LedgerHost[2];
    private readonly List<LedgerHost> _dead = [];
    private readonly List<Open> _open = [];
    private LedgerHost _memory = null!;
    private RedisProcess _redis = null!;
    private string _database = "";
    private BudgetScope[] _scopes = [];
    private DateTimeOffset _now = Noon;
    private int _life;

    public int Accepted { get; private set; }
    public int Refused { get; private set; }
    public int Crashes { get; private set; }
    public int Wipes { get; private set; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;
    private DateOnly Today => DateOnly.FromDateTime(_now.UtcDateTime);

    public static async Task<TwinCounters> StartAsync(PostgresFixture postgres, RedisFixture redis)
    {
        var world = new TwinCounters
        {
            _memory = await LedgerHost.StartAsync(await postgres.NewDatabaseAsync()),
            _redis = await redis.NewServerAsync(),
            _database = await postgres.NewDatabaseAsync(),
        };
        for (var i = 0; i < 2; i++) world._replicas[i] = await world.ReplicaAsync();
        world.MoveClocks();
        return world;
    }

    public async Task LiveAsync(SharedCountersAgreeTests.Step[] steps)
    {
        // Limits far above the 9,007.20 USD to which a double counts pico-USD exactly, too.
        _open.Clear();
        var dollars = new[] { 1m, 7m, 2_000_000m }[_life % 3];
        var email = $"life{_life++}@example.com";
        _scopes =
        [
            new($"user:{email}", new Budget(PicoUsd.FromUsd(dollars), new BudgetWindow.LastDays(3))),
            new($"app:{email}|https://a.example", new Budget(PicoUsd.FromUsd(dollars * 0.4m), new BudgetWindow.LastDays(2))),
            new($"app:{email}|https://b.example", new Budget(PicoUsd.FromUsd(dollars * 0.7m), new BudgetWindow.CalendarMonth())),
        ];
        for (var i = 0; i < steps.Length; i++)
        {
            var step = steps[i];
            // Crashes are rare since each takes seconds; but not so rare that a run has none.
            await (_life % 5 == 1 && i == steps.Length / 2 ? CrashAsync(step with { A = 0 }) : TakeAsync(step));
            await CompareAsync($"{step}");
        }
        while (_open.Count > 0) await SettleAsync(0, 777);
        foreach (var replica in _replicas) await replica.Ledger.FlushAsync(Cancel);
        await CompareAsync("at the end");
        await BookedAsync();
        for (var i = 0; i < 2; i++) await CompareMonthAsync(_replicas[i], new(0, 3 * i, 0, 0));
    }

    private Task TakeAsync(SharedCountersAgreeTests.Step step) => step.What switch
    {
        < 30 => ReserveAsync(step),
        < 46 => SettleAsync(step.A, step.B),
        < 50 => ReleaseAsync(step),
        < 54 => MarkAsync(step.A, step.B),
        < 56 => SetDayAsync(step),
        < 58 => PassDayAsync(),
        < 60 => WipeAsync(),
        < 61 => _redis.ForgetScriptsAsync(),
        < 63 => Task.WhenAll(_replicas.Select(replica => replica.Ledger.FlushAsync(Cancel))),
        _ => CrashAsync(step),
    };

    private async Task ReserveAsync(SharedCountersAgreeTests.Step step)
    {
        if (await HoldAsync(step) is not { } call) return;
        _open.Add(call);
        Assert.True(call.By.Ledger.Open(call.By.Entry(call.Redis, call.Charge.ToUsd()), call.Redis.Amount));
    }

    // What cannot be written down does not leave.
    private async Task ReleaseAsync(SharedCountersAgreeTests.Step step)
    {
        if (await HoldAsync(step) is not { } call) return;
        Assert.True(await _memory.Counter.ReleaseAsync(call.Memory));
        Assert.True(await call.By.Counter.ReleaseAsync(call.Redis));
        Assert.False(await call.By.Counter.ReleaseAsync(call.Redis));
    }

    private async Task<Open?> HoldAsync(SharedCountersAgreeTests.Step step)
    {
        BudgetScope[] scopes = (step.A % 3) switch { 0 => [_scopes[0]], 1 => [_scopes[0], _scopes[1]], _ => [_scopes[0], _scopes[2]] };
        var (id, bound, by) = (Guid.CreateVersion7(), Bound(step), _replicas[step.A % 2]);
        var (a, b) = (await _memory.Counter.ReserveAsync(id, scopes, bound, Today, Cancel),
            await by.Counter.ReserveAsync(id, scopes, bound, Today, Cancel));
        switch (a, b)
        {
            case (ReserveOutcome.Reserved one, ReserveOutcome.Reserved other):
                Assert.Equal(one.Reservation.Limit, other.Reservation.Limit);
                Accepted++;
                return new Open(one.Reservation, other.Reservation, by, bound.WhenLost(one.Reservation.Amount));
            case (ReserveOutcome.NoRoom one, ReserveOutcome.NoRoom other):
                Assert.Equal(one.WaitingHelps, other.WaitingHelps);
                AssertSame(one.Scope, other.Scope, $"{bound}");
                Refused++;
                return null;
            default:
                Assert.Fail($"{bound}: {a} in memory, {b} in Redis");
                return null;
        }
    }

    private CostBound Bound(SharedCountersAgreeTests.Step step)
    {
        var most = new PicoUsd(_scopes[0].Budget.Limit.Value / 3);
        var tokens = (step.B % 5000) + 1;
        var input = step.B % 8 == 0 ? PicoUsd.Zero : Share(most, step.C % 250);
        var price = step.C % 8 == 0 ? PicoUsd.Zero : new PicoUsd(Share(most, step.B % 1000).Value / tokens);
        return new CostBound(input, price, Maybe(step.A, tokens), Maybe(step.C, tokens * 2), step.B % 6 != 0)
        {
            IsCountable = step.A % 2 == 0,
        };

        static long? Maybe(int choice, long value) => (choice % 7) switch { < 2 => null, < 5 => value, _ => 200_000 };
    }

    private async Task SettleAsync(int which, int share)
    {
        if (_open.Count == 0) return;
        var call = Take(which);
        var cost = Share(call.Memory.Amount, share % 1001).ToUsd();
        await _memory.Ledger.CloseAsync(call.Memory, _memory.Entry(call.Memory, cost));
        for (var time = 0; time < 2; time++) await call.By.Ledger.CloseAsync(call.Redis, call.By.Entry(call.Redis, cost));
    }

    private Task MarkAsync(int which, int share)
    {
        if (_open.Count == 0) return Task.CompletedTask;
        var call = _open[which % _open.Count];
        call.Charge = PicoUsd.Max(call.Charge, Share(call.Memory.Amount, share % 1001));
        call.By.Ledger.Mark(call.Redis.Id, call.Charge);
        return Task.CompletedTask;
    }

    // Lower than it was: an admin may also set more than the limit, which would prove nothing about it.
    private async Task SetDayAsync(SharedCountersAgreeTests.Step step)
    {
        var (day, user) = (Today.AddDays(-step.A % 3), _scopes[0].Key["user:".Length..]);
        var before = (await _memory.Counter.ReadAsync(_scopes[0], Cancel)).Days.Where(spend => spend.Day == day).Select(spend => spend.Cost)
            .SingleOrDefault();
        var cost = Share(before, step.B % 1000);
        foreach (var host in new[] { _memory, _replicas[step.C % 2] }) await host.Ledger.RecordAdjustmentAsync(
            user, day, cost, "a test", Cancel);
    }

    private Task PassDayAsync()
    {
        _now = _now.AddDays(1);
        MoveClocks();
        return Task.CompletedTask;
    }

    private Task WipeAsync()
    {
        Wipes++;
        return _redis.FlushAsync();
    }

    /// <summary>A replica dies, with its disk or without; whoever finds its calls charges what was counted last.</summary>
    private async Task CrashAsync(SharedCountersAgreeTests.Step step)
    {
        // One in four: it takes seconds.
        if (step.A % 4 != 0) return;
        Crashes++;
        var (index, victim) = (step.B % 2, _replicas[step.B % 2]);
        victim.Crash();
        _dead.Add(victim);
        foreach (var call in _open.Where(call => call.By == victim).ToList())
        {
            _open.Remove(call);
            await _memory.Ledger.CloseAsync(call.Memory, _memory.Entry(call.Memory, call.Charge.ToUsd()));
        }
        _replicas[index] = await ReplicaAsync(step.C % 2 == 0 ? victim.CopyJournals() : null);
        MoveClocks();
        // Until then a wiped server waits for it, longer than calls do.
        await Eventually.TrueAsync(
            async () => await _replicas[index].Get<ReplicaRegistry>().LivingAsync(Cancel) is { Count: 2 }, "the dead being off the list");
        // Until then a dead replica's disk and a wiped server lose together what only they knew.
        await BookedAsync();
    }

    // While a replica joins again, or until a dead one's calls are booked, Redis may count too much; too little never.
    private async Task CompareAsync(string where)
    {
        var begun = Stopwatch.GetTimestamp();
        foreach (var scope in _scopes)
        {
            var now = await _memory.Counter.ReadAsync(scope, Cancel);
            Assert.True(now.Reserved >= PicoUsd.Zero && (Int128)now.Spent.Value + now.Reserved.Value <= now.Limit.Value, $"{where}: {now}");
            foreach (var replica in _replicas)
            {
                var read = await ReadAsync(replica, scope);
                while ((now.Spent, now.Reserved) != (read.Spent, read.Reserved) && Stopwatch.GetElapsedTime(begun) < Eventually.Limit)
                {
                    Assert.True(read.Spent + read.Reserved >= now.Spent + now.Reserved, $"{where}: {now} in memory, less in Redis: {read}");
                    read = await ReadAsync(replica, scope);
                }
                AssertSame(now, read, where);
            }
        }
    }

    // On a busy machine a replica may need longer to join after a wipe than a call waits for it; until then it knows of its own calls only.
    private static async Task<ScopeSpend> ReadAsync(LedgerHost replica, BudgetScope scope)
    {
        var (calls, read) = (replica.Get<LocalReservations>(), (ScopeSpend?)null);
        await Eventually.TrueAsync(async () =>
        {
            var member = calls.Member;
            read = await replica.Counter.ReadAsync(scope, Cancel);
            return member is not null && calls.Member == member;
        }, "the replica being a member");
        return read!;
    }

    // A call that costs nothing hears what its month holds.
    private async Task CompareMonthAsync(LedgerHost replica, SharedCountersAgreeTests.Step nothing)
    {
        var call = (await HoldAsync(nothing))!;
        Assert.Same(replica, call.By);
        Assert.Equal(await _memory.Ledger.CloseAsync(call.Memory, _memory.Entry(call.Memory, 0)),
            await replica.Ledger.CloseAsync(call.Redis, replica.Entry(call.Redis, 0)));
    }

    // What a dead replica had settled is in the counters at once, and in the ledger when another has booked it. Calls are compared by
    // their ids, too: a call that costs nothing changes no sum, but is one of its month's requests.
    private async Task BookedAsync()
    {
        await _memory.Ledger.FlushAsync(Cancel);
        var (sums, calls) = (await SumsAsync(_memory), await CallsAsync(_memory));
        var begun = Stopwatch.GetTimestamp();
        var (read, booked) = (await SumsAsync(_replicas[0]), await CallsAsync(_replicas[0]));
        while ((!sums.SequenceEqual(read) || !calls.SequenceEqual(booked)) && Stopwatch.GetElapsedTime(begun) < Eventually.Limit)
        {
            (read, booked) = (await SumsAsync(_replicas[0]), await CallsAsync(_replicas[0]));
        }
        Assert.Equal(sums, read);
        Assert.Equal(calls, booked);
    }

    private async Task<List<(string Scope, DateOnly Day, PicoUsd Cost)>> SumsAsync(LedgerHost host) =>
    [
        .. (await host.DaysAsync()).Where(day => day.Cost != PicoUsd.Zero && _scopes.Any(scope => scope.Key == day.Scope))
            .Select(day => (day.Scope, day.Day, day.Cost)),
    ];

    // Calls have version 7; entries that correct an unattributed one derive their ids from it.
    private async Task<List<Guid>> CallsAsync(LedgerHost host) =>
    [
        .. (await host.EntriesAsync())
            .Where(entry => entry.Id.Version == 7 && entry.Kind != EntryKind.Adjustment && entry.Scopes.Contains(_scopes[0].Key))
            .Select(entry => entry.Id).Order(),
    ];

    private static void AssertSame(ScopeSpend a, ScopeSpend b, string where)
    {
        Assert.True((a.Spent, a.Reserved, a.Scope.Key) == (b.Spent, b.Reserved, b.Scope.Key), $"{where}: {a} in memory, {b} in Redis");
        Assert.Equal(a.Days, b.Days);
    }

    private static PicoUsd Share(PicoUsd amount, int thousandths) => new((long)(amount.Value * (Int128)thousandths / 1000));

    private Open Take(int which)
    {
        var call = _open[which % _open.Count];
        _open.Remove(call);
        return call;
    }

    private void MoveClocks()
    {
        foreach (var host in _replicas.Append(_memory)) host.Clock.MoveTo(_now);
    }

    // On a busy machine no living replica may be silent for so long that it is taken for dead, and no call may give up waiting: both have
    // tests of their own.
    private Task<LedgerHost> ReplicaAsync(string? journals = null) => LedgerHost.StartAsync(
        _database, journals, ("ConnectionStrings:redis", _redis.Address), ("AiPipe:Budgets:ReplicaTimeout", "00:00:10"));

    public override string ToString() => $"{Accepted} accepted, {Refused} refused, {Crashes} crashes, {Wipes} wipes";

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _replicas.Concat(_dead).Append(_memory)) await host.DisposeAsync();
    }

    private sealed class Open(Reservation memory, Reservation redis, LedgerHost by, PicoUsd charge)
    {
        public Reservation Memory { get; } = memory;
        public Reservation Redis { get; } = redis;
        public LedgerHost By { get; } = by;
        /// <summary>What it is charged should its replica die.</summary>
        public PicoUsd Charge { get; set; } = charge;
    }
}
