using System.Text;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Ledger;
using AiPipe.Proxy.Money;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Ledger;

/// <summary>What dead processes left is found while others live, and nothing in it stops anybody.</summary>
public sealed class OrphanTests : IAsyncLifetime
{
    private static readonly BudgetScope Ann = new("user:ann@example.com", new Budget(PicoUsd.FromUsd(100), new BudgetWindow.LastDays(7)));
    private readonly PostgresServer _server = new();
    private string _database = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _server.StartAsync();
        _database = await _server.NewDatabaseAsync();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_neighbours_journal_waits_for_postgres_and_is_in_the_ledger_soon_after_it_is_back()
    {
        var orphan = await OrphanAsync(0.25m);
        await using var host = await LedgerHost.StartAsync(_database);
        await host.Counter.ReadAsync(Ann, Cancel);
        await _server.StopAsync();
        Directory.Move(orphan, Path.Combine(host.Folder, Path.GetFileName(orphan)));
        await Eventually.TrueAsync(
            () => host.Logs.Lines.Any(
                line => line.Contains("of an earlier run to the ledger, so its calls are not counted yet", StringComparison.Ordinal)),
            "a replay without Postgres");
        Assert.Equal(2, Directory.GetDirectories(host.Folder).Length);

        await _server.StartAsync();
        await Eventually.TrueAsync(() => Directory.GetDirectories(host.Folder).Length == 1, "a replay with Postgres");
        Assert.Equal(0.25m, Assert.Single(await host.EntriesAsync()).Cost.ToUsd());
        Assert.Equal(0.25m, (await host.Counter.ReadAsync(Ann, Cancel)).Spent.ToUsd());
    }

    [Fact]
    public async Task A_journal_that_cannot_be_read_stops_neither_the_start_nor_the_next_journal()
    {
        var root = Scratch.NewFolder("journal");
        // The unreadable one is the first that is looked at.
        var broken = Path.Combine(root, Guid.Empty.ToString("N"));
        Directory.Move(await OrphanAsync(0.25m), broken);
        var unreadable = Path.Combine(broken, "00000000.jsonl");
        File.CreateSymbolicLink(unreadable, "nowhere");
        var orphan = await OrphanAsync(0.5m);
        Directory.Move(orphan, Path.Combine(root, Path.GetFileName(orphan)));

        await using var host = await LedgerHost.StartAsync(_database, root);
        Assert.Equal(0.5m, Assert.Single(await host.EntriesAsync()).Cost.ToUsd());
        Assert.True(Directory.Exists(broken));

        File.Delete(unreadable);
        await Eventually.TrueAsync(() => !Directory.Exists(broken), "a replay of what was mended");
        Assert.Equal([0.25m, 0.5m], (await host.EntriesAsync()).Select(entry => entry.Cost.ToUsd()));
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("\n", 1)]
    public async Task Zeros_that_a_power_cut_left_are_passed_over(string after, int damaged)
    {
        var orphan = await OrphanAsync(0.25m);
        var file = Assert.Single(Directory.GetFiles(orphan));
        var last = (await File.ReadAllTextAsync(file, Cancel)).Split('\n')[1];
        await File.AppendAllTextAsync(file, new string('\0', 3 * JournalLines.Longest) + after, Cancel);
        if (after.Length > 0) await File.AppendAllTextAsync(
            file, last.Replace("0.25", "0.5", StringComparison.Ordinal)
            .Replace("\"id\":\"0", "\"id\":\"1", StringComparison.Ordinal) + "\n", Cancel);
        var root = Scratch.NewFolder("journal");
        Directory.Move(orphan, Path.Combine(root, Path.GetFileName(orphan)));

        await using var host = await LedgerHost.StartAsync(_database, root);
        Assert.Equal(damaged == 0 ? [0.25m] : [0.25m, 0.5m], (await host.EntriesAsync()).Select(entry => entry.Cost.ToUsd()));
        Assert.Equal(damaged, Directory.GetFiles(root, "*.damaged").Length);
    }

    [Fact]
    public async Task Lines_come_out_whole_wherever_reads_cut_them()
    {
        var random = new Random(7);
        var lines = Enumerable.Range(0, 3000).Select(i => new string((char)('a' + (i % 26)), random.Next(0, 3000))).ToList();
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, string.Join('\n', [.. lines, "torn"]), Cancel);
            var read = new List<string>();
            await foreach (var line in JournalLines.ReadAsync(file, Cancel)) read.Add(Encoding.UTF8.GetString(line.Span));
            Assert.True(new FileInfo(file).Length > 3 * JournalLines.Longest);
            Assert.Equal(lines, read);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>The folder of a process that was killed after one answered call, and before Postgres had it.</summary>
    private async Task<string> OrphanAsync(decimal cost)
    {
        // On a database of its own, where its end may write what it likes.
        await using var victim = await LedgerHost.StartAsync(await _server.NewDatabaseAsync());
        await victim.Counter.ReadAsync(Ann, Cancel);
        await victim.StopAsync();
        var reservation = await victim.OpenAsync(Ann, cost);
        await victim.Ledger.CloseAsync(reservation, victim.Entry(reservation, cost));
        return Assert.Single(Directory.GetDirectories(victim.CopyJournals()));
    }
}
