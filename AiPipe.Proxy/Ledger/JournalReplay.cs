using System.Text.Json;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Ledger.Entries;
using AiPipe.Proxy.Money;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Ledger;

/// <summary>
/// Writes the journals of dead processes to Postgres: finished calls as they are, running calls charged at their last mark, at least their
/// input and at most the reservation. Idempotent: entries keep their ids.
/// </summary>
internal sealed partial class JournalReplay(
    IOptions<LedgerOptions> options, GroupWrite group, ISpendCounter counter, ILogger<JournalReplay> logger)
    : IHostedService
{
    private const int BatchSize = 1000;

    private readonly HashSet<string> _told = new(StringComparer.Ordinal);

    /// <summary>Runs after the migrations and before the server listens; <see cref="OrphanScan"/> retries failures.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => RunAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Replays every orphaned folder; failed ones stay for the next run. Not for concurrent use.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var folder in JournalFolder.Orphans(options.Value.Folder))
        {
            var done = false;
            try
            {
                await ReplayAsync(folder, cancellationToken);
                done = true;
            }
            // Any failure: other folders and the start must not depend on this one.
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                if (_told.Add(folder.Path)) Log.Left(logger, folder.Path, exception);
            }
            finally
            {
                folder.Release(delete: done);
            }
        }
    }

    private async Task ReplayAsync(JournalFolder folder, CancellationToken cancellationToken)
    {
        var open = new Dictionary<Guid, OpenCall>();
        var finished = new List<LedgerEntry>(BatchSize);
        var (count, damaged) = (0, new List<string>());
        foreach (var file in folder.Files)
        {
            var whole = true;
            await foreach (var line in JournalLines.ReadAsync(file, cancellationToken))
            {
                whole &= TryApply(line.Span, open, finished);
                if (finished.Count == BatchSize) count += await WriteAsync(folder, finished, cancellationToken);
            }
            if (!whole) damaged.Add(file);
        }
        count += await WriteAsync(folder, finished, cancellationToken);
        foreach (var abandoned in open.Values.Select(call => call.Abandon()).Chunk(BatchSize)) await WriteAsync(
            folder, [.. abandoned], cancellationToken);
        await counter.ForgetAsync(folder.Replica);
        foreach (var file in damaged) SetAside(folder, file);
        Log.Replayed(logger, folder.Path, count, open.Count);
    }

    private async Task<int> WriteAsync(JournalFolder folder, List<LedgerEntry> entries, CancellationToken cancellationToken)
    {
        var count = entries.Count;
        if (count > 0) await counter.ReplayedAsync(folder.Replica, await group.WriteAsync(entries, cancellationToken));
        entries.Clear();
        return count;
    }

    private static bool TryApply(ReadOnlySpan<byte> line, Dictionary<Guid, OpenCall> open, List<LedgerEntry> finished)
    {
        JournalRecord? record;
        try
        {
            record = JsonSerializer.Deserialize(line, LedgerJson.Default.JournalRecord);
        }
        catch (Exception exception) when (exception is JsonException or OverflowException)
        {
            return false;
        }
        switch (record)
        {
            case { Reserve: { } draft, Hold: { } hold }:
                open[draft.Id] = new OpenCall(draft, hold, PicoUsd.Zero);
                return true;
            case { Mark: { } id, Counted: { } counted }:
                if (open.TryGetValue(id, out var call)) open[id] = call with { Counted = PicoUsd.Max(call.Counted, counted) };
                return true;
            case { Settle: { } entry }:
                open.Remove(entry.Id);
                finished.Add(entry);
                return true;
            default:
                return false;
        }
    }

    private void SetAside(JournalFolder folder, string file)
    {
        var kept = $"{folder.Path}-{Path.GetFileNameWithoutExtension(file)}.damaged";
        File.Move(file, kept, overwrite: true);
        Log.Damaged(logger, kept);
    }

    private readonly record struct OpenCall(LedgerEntry Draft, PicoUsd Hold, PicoUsd Counted)
    {
        public LedgerEntry Abandon() => Draft with
        {
            Kind = EntryKind.Abandoned,
            Cost = PicoUsd.Min(Hold, PicoUsd.Max(Draft.Cost, Counted)),
            Estimated = true,
        };
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message =
            "Wrote journal {Folder} of an earlier run to the ledger: {Finished} finished calls, {Open} that were in flight")]
        public static partial void Replayed(ILogger logger, string folder, int finished, int open);

        [LoggerMessage(Level = LogLevel.Error, Message =
            "Cannot write journal {Folder} of an earlier run to the ledger, so its calls are not counted yet; trying again " +
            "later")]
        public static partial void Left(ILogger logger, string folder, Exception exception);

        [LoggerMessage(Level = LogLevel.Error, Message = "Skipped damaged lines of a journal; the file is kept as {File}")]
        public static partial void Damaged(ILogger logger, string file);
    }
}
