using System.Text.Json;
using AiPipe.Proxy.Journey.Budgets;
using AiPipe.Proxy.Journey.Pricing;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Journey.Recording;

/// <summary>
/// Writes to Postgres what dead processes left in their journals: finished calls as they were, calls in flight charged for what
/// was counted last, at least their input and at most what was held. Doing it again changes nothing: entries keep their ids.
/// </summary>
internal sealed partial class JournalReplay(
    IOptions<LedgerOptions> options, GroupWrite group, ISpendCounter counter, ILogger<JournalReplay> logger)
{
    private const int BatchSize = 1000;

    /// <summary>Deals with every orphaned folder there is.</summary>
    /// <exception cref="Npgsql.NpgsqlException">Postgres is away; the journals stay as they are.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (!Directory.Exists(options.Value.Folder)) return;
        foreach (var folder in JournalFolder.Orphans(options.Value.Folder))
        {
            var done = false;
            try
            {
                await ReplayAsync(folder, cancellationToken);
                done = true;
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
        var finished = new List<LedgerEntry>();
        var (count, damaged) = (0, new List<string>());
        foreach (var file in folder.Files)
        {
            if (!Read(await File.ReadAllBytesAsync(file, cancellationToken), open, finished)) damaged.Add(file);
            count += finished.Count;
            await WriteAsync(folder, finished, cancellationToken);
            finished.Clear();
        }
        await WriteAsync(folder, [.. open.Values.Select(call => call.Abandon())], cancellationToken);
        await counter.ForgetAsync(folder.Replica);
        foreach (var file in damaged) SetAside(folder, file);
        Log.Replayed(logger, folder.Path, count, open.Count);
    }

    private async Task WriteAsync(JournalFolder folder, List<LedgerEntry> entries, CancellationToken cancellationToken)
    {
        foreach (var batch in entries.Chunk(BatchSize))
            await counter.ReplayedAsync(folder.Replica, await group.WriteAsync(batch, cancellationToken));
    }

    /// <summary>Takes in the lines of one file.</summary>
    /// <returns>False when a line in it is damaged. What follows the last line's end was never finished, and is not.</returns>
    private static bool Read(ReadOnlySpan<byte> rest, Dictionary<Guid, OpenCall> open, List<LedgerEntry> finished)
    {
        var whole = true;
        while (rest.IndexOf((byte)'\n') is >= 0 and var end)
        {
            whole &= TryApply(rest[..end], open, finished);
            rest = rest[(end + 1)..];
        }
        return whole;
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
        [LoggerMessage(Level = LogLevel.Information, Message = "Journal {Folder} of an earlier run is in the ledger: {Finished} finished calls, {Open} that were in flight")]
        public static partial void Replayed(ILogger logger, string folder, int finished, int open);

        [LoggerMessage(Level = LogLevel.Error, Message = "A journal has damaged lines, which were passed over; it is kept as {File}")]
        public static partial void Damaged(ILogger logger, string file);
    }
}
