using System.Text.Json;
using AiPipe.Proxy.Ledger.Entries;
using Microsoft.Extensions.Options;
using Npgsql;

namespace AiPipe.Proxy.Ledger;

/// <summary>Writes entries in groups, and moves entries that Postgres rejects to a file, so that they block no others.</summary>
internal sealed partial class GroupWrite(LedgerStore store, IOptions<LedgerOptions> options, ILogger<GroupWrite> logger)
{
    private const string FileName = "refused-entries.jsonl";

    /// <summary>Returns when every entry is in Postgres or moved to the file of rejected entries.</summary>
    /// <returns>The entries in Postgres. The counters keep counting rejected entries as not yet written.</returns>
    /// <exception cref="NpgsqlException">Postgres is unavailable or misconfigured; a retry is safe.</exception>
    public async Task<WrittenEntries> WriteAsync(IReadOnlyList<LedgerEntry> entries, CancellationToken cancellationToken)
    {
        try
        {
            return new(entries, await store.WriteAsync(entries, cancellationToken));
        }
        catch (Exception exception) when (IsTheEntrys(exception))
        {
            if (entries is not [var refused]) return await WriteOneByOneAsync(entries, cancellationToken);
            await SetAsideAsync(refused, exception, cancellationToken);
            return new([], []);
        }
    }

    private async Task<WrittenEntries> WriteOneByOneAsync(IReadOnlyList<LedgerEntry> entries, CancellationToken cancellationToken)
    {
        var (written, totals) = (new List<LedgerEntry>(), new List<DayTotal>());
        foreach (var entry in entries)
        {
            var one = await WriteAsync([entry], cancellationToken);
            written.AddRange(one.Entries);
            totals.AddRange(one.Totals);
        }
        return new(written, totals);
    }

    /// <summary>
    /// Data out of range, a broken constraint, a limit exceeded: classes 22, 23 and 54 of
    /// https://www.postgresql.org/docs/current/errcodes-appendix.html. Other errors concern the server, not the entry.
    /// </summary>
    private static bool IsTheEntrys(Exception exception) => exception is JsonException or OverflowException
        || (exception is PostgresException { SqlState: ['2', '2' or '3', ..] or ['5', '4', ..] } refusal && !refusal.IsTransient);

    private async Task SetAsideAsync(LedgerEntry entry, Exception exception, CancellationToken cancellationToken)
    {
        var file = Path.Combine(options.Value.Folder, FileName);
        var line = JsonSerializer.Serialize(new JournalRecord { Settle = entry }, LedgerJson.Default.JournalRecord);
        await File.AppendAllLinesAsync(file, [line], cancellationToken);
        Log.Refused(logger, entry.Id, file, exception);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Critical, Message =
            "Postgres rejected the content of ledger entry {Id}; the entry is saved in {File} and skipped")]
        public static partial void Refused(ILogger logger, Guid id, string file, Exception exception);
    }
}
