using AiPipe.Proxy.Ledger.Entries;
using AiPipe.Proxy.Money;
using AiPipe.Tests.Fixtures;
using FsCheck;
using FsCheck.Fluent;

namespace AiPipe.Tests.Ledger;

/// <summary>Calls that only the counters knew: booked without their facts, and right as soon as these arrive.</summary>
public sealed class AttributionTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const int Writers = 3;
    private static readonly string[] Scopes = ["user:ann@example.com", "app:ann@example.com|https://a.example", "model:gpt-4o-mini"];
    private static readonly DateOnly Day = new(2026, 3, 1);
    private LedgerHost _host = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _host = await LedgerHost.StartAsync(await postgres.NewDatabaseAsync());

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_call_of_a_lost_replica_is_booked_for_its_user_and_told_to_the_operator()
    {
        var (seen, tagged) = (0L, true);
        using var listener = new System.Diagnostics.Metrics.MeterListener();
        listener.InstrumentPublished = (instrument, meter) =>
        {
            if (instrument.Name == "aipipe.ledger.unattributed") meter.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) => (seen, tagged) = (seen + count, tagged && tags.Length == 1));
        listener.Start();
        var id = Guid.CreateVersion7(new DateTimeOffset(2026, 3, 1, 23, 59, 59, TimeSpan.Zero));
        _host.Ledger.BookUnattributed(id, Scopes, Day, PicoUsd.FromUsd(0.25m), Orphan.InFlight);
        await _host.Ledger.FlushAsync(Cancel);

        var entry = Assert.Single(await _host.EntriesAsync());
        Assert.Equal((id, "ann@example.com", Day, EntryKind.Unattributed, 0.25m, true),
            (entry.Id, entry.User, entry.Day, entry.Kind, entry.Cost.ToUsd(), entry.Estimated));
        Assert.Equal(new DateTimeOffset(2026, 3, 1, 23, 59, 59, TimeSpan.Zero), entry.StartedAt);
        Assert.Contains("in flight", entry.Note, StringComparison.Ordinal);
        Assert.Equal(Scopes.Order(StringComparer.Ordinal), (await _host.DaysAsync()).Select(day => day.Scope));
        Assert.All(await _host.DaysAsync(), day => Assert.Equal((0.25m, 1), (day.Cost.ToUsd(), day.Calls)));
        Assert.Equal((1, true), (seen, tagged));
    }

    [Fact]
    public async Task A_call_that_had_been_booked_without_its_facts_ends_with_them()
    {
        var id = Guid.CreateVersion7();
        var store = _host.Get<LedgerStore>();
        await store.WriteAsync([Attribution.Unattributed(id, Scopes, Day, PicoUsd.FromUsd(0.25m), Orphan.InFlight)], Cancel);
        var totals = await store.WriteAsync([Own(id, 0.1m, Scopes)], Cancel);

        Assert.Equal(Scopes.Select(scope => new DayTotal(scope, Day, PicoUsd.FromUsd(0.1m), 3, 1)),
            totals.OrderBy(total => Array.IndexOf(Scopes, total.Scope)));
        var entries = await _host.EntriesAsync();
        Assert.Equal([EntryKind.Reversal, EntryKind.Call, EntryKind.Unattributed], entries.Select(entry => entry.Kind));
        Assert.Equal([-0.25m, 0.1m, 0.25m], entries.Select(entry => entry.Cost.ToUsd()));
        Assert.Equal(("openai", "gpt-4o-mini"), (entries[1].Provider, entries[1].Model));
        Assert.All(entries[..2], entry => Assert.Contains(id.ToString(), entry.Note, StringComparison.Ordinal));
        Assert.All(await _host.DaysAsync(), day => Assert.Equal(1, day.Calls));
    }

    [Fact]
    public void Any_order_and_any_number_of_writes_ends_at_the_true_cost_once() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(40), Prop.ForAll(Histories().ToArbitrary(), CheckAsync));

    /// <summary>Every writer writes its groups one after the other, all writers at once.</summary>
    private async Task CheckAsync(History history)
    {
        // Scopes of its own: the sums start at nothing.
        string Named(string scope) => $"{scope}#{history.Number}";
        var ids = history.Calls.Select(_ => Guid.CreateVersion7()).ToArray();
        LedgerEntry Entry(Write write)
        {
            var call = history.Calls[write.Call];
            return write.IsOwn
                ? Own(ids[write.Call], call.Cost, call.Scopes.Select(Named))
                : Attribution.Unattributed(
                    ids[write.Call], [.. call.Counted.Select(Named)], Day, PicoUsd.FromUsd(write.Booked), Orphan.InFlight);
        }
        var store = _host.Get<LedgerStore>();
        var groups = history.Writers.SelectMany(writer => writer).Where(group => group.Length > 0).ToList();
        var totals = (await Task.WhenAll(history.Writers.Select(writer => Task.Run(async () =>
        {
            var last = new List<DayTotal>();
            foreach (var group in writer.Where(group => group.Length > 0)) last.AddRange(
                await store.WriteAsync([.. group.Select(Entry)], Cancel));
            return last;
        })))).SelectMany(total => total).ToList();

        var stored = (await _host.EntriesAsync())
            .Where(entry => entry.Scopes.Any(scope => scope.EndsWith($"#{history.Number}", StringComparison.Ordinal))).ToList();
        var days = (await _host.DaysAsync()).Where(day => day.Scope.EndsWith($"#{history.Number}", StringComparison.Ordinal))
            .ToDictionary(day => day.Scope);
        foreach (var scope in Scopes)
        {
            var (expected, calls) = (0m, 0);
            foreach (var (call, id) in history.Calls.Zip(ids))
            {
                var writes = groups.SelectMany(group => group).Where(write => ids[write.Call] == id).ToList();
                var isKnown = writes.Exists(write => write.IsOwn);
                if (writes.Count == 0 || !(isKnown ? call.Scopes : call.Counted).Contains(scope)) continue;
                // Of several bookings without facts, the first stays; which that was, the ledger says.
                expected += isKnown ? call.Cost : stored.Single(entry => entry.Id == id).Cost.ToUsd();
                calls++;
            }
            var day = days.GetValueOrDefault(Named(scope));
            Assert.Equal((expected, calls), (day?.Cost.ToUsd() ?? 0, day?.Calls ?? 0));
            // The newest sum that any writer was told is the one that stands.
            if (day is not null) Assert.Equal(
                (day.Entries, day.Cost), totals.Where(total => total.Scope == day.Scope).Select(total => (total.Entries, total.Cost))
                .MaxBy(total => total.Entries));
        }
    }

    private static Gen<History> Histories() =>
        from number in Gen.Constant(0).Select(_ => Guid.NewGuid())
        from calls in Gen.ArrayOf(Calls(), 4)
        from writers in Gen.ArrayOf(Gen.ArrayOf(Gen.ArrayOf(Writes(calls.Length), 3), 3), Writers)
        select new History(number, calls, writers);

    private static Gen<Call> Calls() =>
        from cost in Gen.Choose(0, 5)
        from own in Gen.Choose(1, Scopes.Length)
        from counted in Gen.Choose(1, Scopes.Length)
        select new Call(cost / 8m, Scopes[..own], Scopes[..counted]);

    private static Gen<Write> Writes(int calls) =>
        from call in Gen.Choose(0, calls - 1)
        from own in Gen.Elements(true, false)
        from booked in Gen.Choose(0, 5)
        select new Write(call, own, booked / 8m);

    private static LedgerEntry Own(Guid id, decimal cost, IEnumerable<string> scopes) => new()
    {
        Id = id,
        User = "ann@example.com",
        Day = Day,
        StartedAt = new DateTimeOffset(Day, TimeOnly.MinValue, TimeSpan.Zero),
        Scopes = [.. scopes],
        Kind = EntryKind.Call,
        Provider = "openai",
        Model = "gpt-4o-mini",
        Cost = PicoUsd.FromUsd(cost),
    };

    private sealed record History(Guid Number, Call[] Calls, Write[][][] Writers);

    /// <summary>What a call cost and is booked on, and the counters that knew of it.</summary>
    private sealed record Call(decimal Cost, string[] Scopes, string[] Counted);

    private sealed record Write(int Call, bool IsOwn, decimal Booked);
}
