using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Ledger;
using AiPipe.Proxy.Ledger.Entries;
using AiPipe.Proxy.Money;
using AiPipe.Tests.Fixtures;

namespace AiPipe.Tests.Ledger;

/// <summary>A disk that others have filled: no call leaves that could not be written down, and those that left still can be.</summary>
public sealed class FullDiskTests(PostgresFixture postgres)
{
    private const int SegmentBytes = 32 * 1024;
    private static readonly BudgetScope Ann = new("user:ann@example.com", new Budget(PicoUsd.FromUsd(100), new BudgetWindow.LastDays(7)));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Calls_in_flight_when_the_disk_fills_are_whole_after_a_kill_before_postgres_had_them()
    {
        using var disk = SmallDisk.MountOrSkip(1024);
        var database = await postgres.NewDatabaseAsync();
        string folder;
        var open = new List<Reservation>();
        // On a database of its own, where its end may write what it likes.
        await using (var victim = await StartAsync(await postgres.NewDatabaseAsync(), disk))
        {
            await victim.Counter.ReadAsync(Ann, Cancel);
            await victim.StopAsync();
            open.Add(await victim.OpenAsync(Ann, 0.5m));
            disk.Fill();
            // The file that there is goes on to its nominal end.
            while (victim.Ledger.Open(Draft(victim), PicoUsd.Zero)) Assert.InRange(Journals(victim), 1, SegmentBytes * 2);
            Assert.InRange(Journals(victim), SegmentBytes, SegmentBytes * 9 / 8);
            foreach (var reservation in open) await victim.Ledger.CloseAsync(reservation, victim.Entry(reservation, 0.125m));
            folder = victim.CopyJournals();
        }

        await using var heir = await LedgerHost.StartAsync(database, folder);
        var settled = (await heir.EntriesAsync()).Where(entry => entry.Kind == EntryKind.Call).ToList();
        Assert.Equal(open.Select(reservation => (reservation.Id, 0.125m)), settled.Select(entry => (entry.Id, entry.Cost.ToUsd())));
    }

    [Fact]
    public async Task Nothing_is_torn_where_lines_find_no_room_at_all()
    {
        using var disk = SmallDisk.MountOrSkip(1024);
        await using var host = await StartAsync(await postgres.NewDatabaseAsync(), disk);
        var open = new List<Reservation>();
        for (var i = 0; i < 10; i++) open.Add(await host.OpenAsync(Ann, 0.5m));
        disk.Fill();
        while (host.Ledger.Open(Draft(host), PicoUsd.Zero)) Assert.InRange(Journals(host), 1, SegmentBytes * 2);
        // Marks use up what is kept for settlements, so these reach Postgres only.
        while (host.Get<Journal>().Mark(open[0].Id, PicoUsd.FromUsd(0.001m))) Assert.InRange(Journals(host), 1, SegmentBytes * 2);
        foreach (var reservation in open) await host.Ledger.CloseAsync(reservation, host.Entry(reservation, 0.125m));
        await host.Ledger.FlushAsync(Cancel);
        Assert.Equal(10, (await host.EntriesAsync()).Count(entry => entry.Kind == EntryKind.Call));
        Assert.All(Directory.GetFiles(host.Folder, "*.jsonl", SearchOption.AllDirectories), file =>
            Assert.EndsWith("}\n", File.ReadAllText(file), StringComparison.Ordinal));

        disk.Free();
        Assert.True(host.Ledger.Open(Draft(host), PicoUsd.Zero));
        Assert.Contains(host.Logs.Lines, line => line.Contains("can be written again", StringComparison.Ordinal));
        Assert.Single(host.Logs.Lines, line => line.Contains("Cannot write the journal (first", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_start_on_a_full_disk_takes_calls_as_soon_as_there_is_room()
    {
        using var disk = SmallDisk.MountOrSkip(1024);
        disk.Fill();
        await using var host = await StartAsync(await postgres.NewDatabaseAsync(), disk);
        Assert.False(host.Ledger.Open(Draft(host), PicoUsd.Zero));
        disk.Free();
        Assert.True(host.Ledger.Open(Draft(host), PicoUsd.Zero));
    }

    [Fact]
    public async Task A_journal_takes_no_more_calls_than_its_bytes_allow_and_goes_on_when_postgres_has_them()
    {
        await using var server = new PostgresServer();
        await server.StartAsync();
        await using var host = await LedgerHost.StartAsync(
            await server.NewDatabaseAsync(), null, ("AiPipe:Ledger:SegmentBytes", "4096"), ("AiPipe:Ledger:MaxJournalBytes", "16384"));
        await host.Counter.ReadAsync(Ann, Cancel);
        await server.StopAsync();
        var open = new List<Reservation> { await host.OpenAsync(Ann, 0.01m) };
        while (host.Ledger.Open(Draft(host), PicoUsd.Zero)) Assert.InRange(Journals(host), 1, 32768);
        Assert.InRange(Journals(host), 12288, 20480);
        await host.Ledger.CloseAsync(open[0], host.Entry(open[0], 0.01m));

        // What was opened above is settled, as the calls' ends would.
        var drafts = Directory.GetFiles(host.Folder, "*.jsonl", SearchOption.AllDirectories).SelectMany(ReadShared)
            .Select(line => System.Text.Json.JsonSerializer.Deserialize(line, LedgerJson.Default.JournalRecord)!.Reserve)
                .OfType<LedgerEntry>();
        foreach (var draft in drafts.Where(draft => draft.Id != open[0].Id))
        {
            host.Get<Journal>().Settle(draft);
            host.Get<LedgerWriter>().Enqueue(draft);
        }
        await server.StartAsync();
        await host.Ledger.FlushAsync(Cancel);
        Assert.True(host.Ledger.Open(Draft(host), PicoUsd.Zero));
        Assert.InRange(Journals(host), 1, 8192);
    }

    private static Task<LedgerHost> StartAsync(string database, SmallDisk disk) => LedgerHost.StartAsync(
        database, Path.Combine(disk.Path, "journal"),
            ("AiPipe:Ledger:SegmentBytes", SegmentBytes.ToString(System.Globalization.CultureInfo.InvariantCulture)));

    private static LedgerEntry Draft(LedgerHost host) =>
        host.Entry(new Reservation(Guid.CreateVersion7(), [Ann], default, new DateOnly(2026, 3, 1)), 0) with { Kind = EntryKind.Abandoned };

    private static long Journals(LedgerHost host) =>
        Directory.GetFiles(host.Folder, "*.jsonl", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length);

    private static string[] ReadShared(string file)
    {
        using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
