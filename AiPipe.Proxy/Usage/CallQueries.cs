using System.Linq.Expressions;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.Ledger;
using AiPipe.Proxy.Ledger.Entries;
using AiPipe.Proxy.Metering;
using AiPipe.Proxy.Money;
using Microsoft.EntityFrameworkCore;

namespace AiPipe.Proxy.Usage;

/// <summary>Reads calls from the ledger, newest first. An index finds every page.</summary>
internal sealed class CallQueries(AiPipeDb db, CostLedger ledger)
{
    /// <summary>The next entries, everything settled so far included.</summary>
    public async Task<List<CallRow>> PageAsync(CallFilter filter, CallCursor? after, int count, CancellationToken cancellationToken)
    {
        if (after is null) await ledger.FlushAsync(cancellationToken);
        return await Page(filter, after, count).ToListAsync(cancellationToken);
    }

    public async Task<LedgerEntry?> FindAsync(CallFilter filter, Guid id, CancellationToken cancellationToken)
    {
        await ledger.FlushAsync(cancellationToken);
        return await db.LedgerEntries.AsNoTracking().Matching(filter).SingleOrDefaultAsync(entry => entry.Id == id, cancellationToken);
    }

    internal IQueryable<CallRow> Page(CallFilter filter, CallCursor? after, int count)
    {
        var entries = db.LedgerEntries.AsNoTracking().Matching(filter);
        if (after is { StartedAt: var startedAt, Id: var id })
            entries = entries.Where(
                entry => EF.Functions.LessThan(ValueTuple.Create(entry.StartedAt, entry.Id), ValueTuple.Create(startedAt, id)));
        return entries.OrderByDescending(entry => entry.StartedAt).ThenByDescending(entry => entry.Id).Take(count).Select(CallRow.Columns);
    }
}

internal sealed record CallRow(
    Guid Id, string User, DateTimeOffset StartedAt, EntryKind Kind, string? Provider, string? Model, string? Operation, string? App,
        Guid? Key,
    PicoUsd Cost, bool Estimated, int? Status, double? LatencyMs, double? FirstByteMs, TokenUsage? Usage, string? TraceId)
{
    public static readonly Expression<Func<LedgerEntry, CallRow>> Columns = entry => new CallRow(
        entry.Id, entry.User, entry.StartedAt, entry.Kind, entry.Provider, entry.Model, entry.Operation, entry.App, entry.ApiKey,
        entry.Cost, entry.Estimated, entry.Status, entry.LatencyMs, entry.FirstByteMs, entry.Usage, entry.TraceId);

    public static readonly Func<LedgerEntry, CallRow> Of = Columns.Compile();

    public CallCursor Cursor => new(StartedAt, Id);
}
