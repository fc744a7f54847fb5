using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Infrastructure.Replicas;
using AiPipe.Proxy.Ledger;
using AiPipe.Proxy.Ledger.Entries;
using AiPipe.Proxy.Metering;
using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pricing;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Microsoft.Extensions.Options;

namespace AiPipe.Tests.Ledger;

public sealed class JournalTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly BudgetScope Ann = new("user:ann@example.com", new Budget(PicoUsd.FromUsd(100), new BudgetWindow.LastDays(7)));
    private LedgerHost _victim = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // Its writer is stopped, so what it journals is only there: as if it were killed before Postgres had it.
    public async ValueTask InitializeAsync()
    {
        _victim = await LedgerHost.StartAsync(await postgres.NewDatabaseAsync(), null, ("AiPipe:Ledger:SegmentBytes", "2000"));
        await _victim.Counter.ReadAsync(Ann, Cancel);
        await _victim.StopAsync();
    }

    public ValueTask DisposeAsync() => _victim.DisposeAsync();

    [Fact]
    public async Task After_a_kill_answered_calls_are_there_once_and_open_ones_are_charged()
    {
        var answered = await CloseAsync(0.25m);
        var opened = await _victim.OpenAsync(Ann, hold: 0.5m, input: 0.01m);
        var marked = await _victim.OpenAsync(Ann, hold: 0.5m, input: 0.01m);
        _victim.Ledger.Mark(marked.Id, PicoUsd.FromUsd(0.02m));
        _victim.Ledger.Mark(marked.Id, PicoUsd.FromUsd(0.125m));
        var overrun = await _victim.OpenAsync(Ann, hold: 0.5m, input: 0.01m);
        _victim.Ledger.Mark(overrun.Id, PicoUsd.FromUsd(7));

        var expected = new[]
        {
            (opened.Id, EntryKind.Abandoned, 0.01m), (marked.Id, EntryKind.Abandoned, 0.125m),
            (answered.Id, EntryKind.Call, 0.25m), (overrun.Id, EntryKind.Abandoned, 0.5m),
        };
        // Once from the one copy, once more from the other: the second changes nothing.
        for (var time = 0; time < 2; time++)
        {
            await using var heir = await RestartAsync(_victim.CopyJournals());
            Assert.Equal(expected, (await heir.EntriesAsync()).Select(entry => (entry.Id, entry.Kind, entry.Cost.ToUsd())));
            Assert.Equal([(Ann.Key, 0.885m, 4)], (await heir.DaysAsync()).Select(day => (day.Scope, day.Cost.ToUsd(), day.Calls)));
            Assert.Equal(0.885m, (await heir.Counter.ReadAsync(Ann, Cancel)).Spent.ToUsd());
            Assert.Single(Directory.GetDirectories(heir.Folder));
        }
    }

    [Fact]
    public async Task An_entry_comes_back_whole()
    {
        var reservation = await _victim.OpenAsync(Ann, 1);
        var entry = _victim.Entry(reservation, 0.00045m) with
        {
            Provider = "openai",
            Model = "gpt\0 – 4o \"mini\"\n",
            Operation = "chat",
            App = "https://a.example",
            Usage = new TokenUsage { Input = 1000, Output = 500, ReportedCost = 0.00045m },
            Receipt = new Receipt(
                "model-prices 2026-08-21", [new("input", 1000, 0.15m), new("output", 500, 0.6m)], PicoUsd.FromUsd(0.00045m)),
            Status = 200,
            LatencyMs = 1.5,
            FirstByteMs = 0.25,
            ApiKey = Guid.NewGuid(),
            Timeline = new Timeline { Checked = 0.125, Settled = 1.5 },
            TraceId = "4bf92f3577b34da6a3ce929d0e0e4736",
            ResponseId = "chatcmpl-1",
        };
        await _victim.Ledger.CloseAsync(reservation, entry);

        await using var heir = await RestartAsync(_victim.CopyJournals());
        var found = Assert.Single(await heir.EntriesAsync());
        Assert.Equal(entry.Receipt.Lines, found.Receipt!.Lines);
        Assert.Equal(entry.Receipt.Formula, found.Receipt.Formula);
        Assert.Equal(entry.Scopes, found.Scopes);
        Assert.Equal(entry.StartedAt, found.StartedAt, TimeSpan.FromMicroseconds(1));
        Assert.Equal(
            entry with { Model = "gpt – 4o \"mini\"\n", Receipt = null, Scopes = [], StartedAt = default },
            found with { Receipt = null, Scopes = [], StartedAt = default });
    }

    /// <summary>
    /// As versions wrote it that knew neither of keys nor of stages; the last line as one may that knows more than this one.
    /// </summary>
    [Fact]
    public async Task Lines_of_other_versions_are_replayed()
    {
        var folder = _victim.CopyJournals();
        var journal = Directory.CreateDirectory(Path.Combine(folder, Guid.CreateVersion7().ToString())).FullName;
        const string Facts = "\"user\":\"ann@example.com\",\"day\":\"2026-11-20\",\"started_at\":\"2026-11-20T12:00:00+00:00\",\"scopes\":[\"user:ann@example.com\"]";
        await File.WriteAllTextAsync(Path.Combine(journal, "000001.jsonl"), """
            {"reserve":{"id":"019aa000-0000-7000-8000-000000000001",FACTS,"kind":"abandoned","model":"gpt-4o-mini","cost":0.01,"estimated":true},"hold":0.5}
            {"settle":{"id":"019aa000-0000-7000-8000-000000000002",FACTS,"kind":"call","model":"gpt-4o-mini","cost":0.25,"estimated":false,"status":200,"latency_ms":12.5,"first_byte_ms":3.25}}
            {"settle":{"id":"019aa000-0000-7000-8000-000000000003",FACTS,"kind":"call","cost":0.5,"estimated":false,"colour":"red","timeline":{"checked":1.5,"thought":2}}}

            """.Replace("FACTS", Facts, StringComparison.Ordinal), Cancel);

        await using var heir = await RestartAsync(folder);
        var entries = await heir.EntriesAsync();
        Assert.Equal([(EntryKind.Abandoned, 0.01m), (EntryKind.Call, 0.25m), (EntryKind.Call, 0.5m)],
            entries.Select(entry => (entry.Kind, entry.Cost.ToUsd())));
        Assert.Equal([null, null, 1.5], entries.Select(entry => entry.Timeline?.Checked));
        Assert.All(entries, entry => Assert.Null(entry.ApiKey));
    }

    [Fact]
    public async Task A_torn_last_line_is_as_if_it_had_not_been_written()
    {
        var answered = await CloseAsync(0.25m);
        var cut = await CloseAsync(0.5m);
        var folder = _victim.CopyJournals();
        var file = Files(folder)[^1];
        var bytes = await File.ReadAllBytesAsync(file, Cancel);
        await File.WriteAllBytesAsync(file, bytes[..^1], Cancel);

        await using var heir = await RestartAsync(folder);
        Assert.Equal(
            [(cut.Id, EntryKind.Abandoned), (answered.Id, EntryKind.Call)],
            (await heir.EntriesAsync()).Select(entry => (entry.Id, entry.Kind)));
        Assert.Empty(Directory.GetFiles(folder, "*.damaged"));
    }

    [Fact]
    public async Task A_damaged_line_is_passed_over_and_its_file_kept()
    {
        var first = await CloseAsync(0.25m);
        var second = await CloseAsync(0.5m);
        var folder = _victim.CopyJournals();
        var file = Files(folder)[0];
        var lines = (await File.ReadAllLinesAsync(file, Cancel)).ToList();
        lines.Insert(2, "{\"settle\":{\"id\":\"00");
        lines.Insert(3, "\0\0\0");
        lines.Insert(4, "{}");
        await File.WriteAllTextAsync(file, string.Join('\n', lines) + "\n", Cancel);

        await using var heir = await RestartAsync(folder);
        Assert.Equal([first.Id, second.Id], (await heir.EntriesAsync()).Select(entry => entry.Id));
        Assert.Equal(lines, await File.ReadAllLinesAsync(Assert.Single(Directory.GetFiles(folder, "*.damaged")), Cancel));
    }

    [Fact]
    public async Task The_journal_of_a_living_process_is_left_alone()
    {
        await CloseAsync(0.25m);
        await using var neighbour = await RestartAsync(_victim.Folder);
        Assert.Empty(await neighbour.EntriesAsync());
        Assert.Equal(2, Directory.GetDirectories(_victim.Folder).Length);
    }

    [Fact]
    public async Task Files_are_deleted_when_postgres_has_what_they_hold()
    {
        await using var host = await LedgerHost.StartAsync(Database(), null, ("AiPipe:Ledger:SegmentBytes", "2000"));
        var open = await host.OpenAsync(Ann, 0.5m);
        for (var i = 0; i < 50; i++)
        {
            var reservation = await host.OpenAsync(Ann, 0.1m);
            await host.Ledger.CloseAsync(reservation, host.Entry(reservation, 0.1m));
        }
        Assert.InRange(Files(host.Folder).Length, 10, 100);
        await host.Ledger.FlushAsync(Cancel);
        // The call in flight holds the first, and the last is being written to.
        Assert.Equal(2, Files(host.Folder).Length);
        await host.Ledger.CloseAsync(open, host.Entry(open, 0.5m));
        await host.Ledger.FlushAsync(Cancel);
        Assert.Single(Files(host.Folder));
    }

    [Fact]
    public async Task A_folder_that_is_gone_does_not_stop_the_way_to_postgres()
    {
        await using var host = await LedgerHost.StartAsync(await postgres.NewDatabaseAsync(), null, ("AiPipe:Ledger:SegmentBytes", "1"));
        var reservation = await host.OpenAsync(Ann, 0.1m);
        var next = await host.OpenAsync(Ann, 0.1m);
        Directory.Delete(host.Folder, recursive: true);
        foreach (var open in new[] { reservation, next })
        {
            await host.Ledger.CloseAsync(open, host.Entry(open, 0.1m));
            await host.Ledger.FlushAsync(Cancel).WaitAsync(Eventually.Limit, Cancel);
        }
        Assert.Equal(2, (await host.EntriesAsync()).Count);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_stops_the_start_with_one_line()
    {
        var options = Options.Create(new LedgerOptions { Folder = "/proc/journal" });
        var thrown = Assert.ThrowsAny<OptionsValidationException>(
            () => new Journal(
            options, new Replica(Guid.CreateVersion7()), TimeProvider.System,
            _victim.Get<Microsoft.Extensions.Logging.ILogger<Journal>>()));
        Assert.StartsWith("AiPipe:Ledger:Folder cannot be written", thrown.Message);
        Assert.DoesNotContain('\n', thrown.Message);
    }

    private async Task<Reservation> CloseAsync(decimal cost)
    {
        var reservation = await _victim.OpenAsync(Ann, cost);
        await _victim.Ledger.CloseAsync(reservation, _victim.Entry(reservation, cost));
        return reservation;
    }

    private Task<LedgerHost> RestartAsync(string folder) => LedgerHost.StartAsync(Database(), folder);

    private string Database() => _victim.Get<Npgsql.NpgsqlDataSource>().ConnectionString;

    private static string[] Files(string folder) =>
        [.. Directory.GetFiles(folder, "*.jsonl", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
