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
    private const int ClientClosedRequest = 499;
    private const int FirstError = 400;

    /// <summary>The next entries, everything settled so far included.</summary>
    public async Task<List<CallRow>> PageAsync(CallFilter filter, CallCursor? after, int count, CancellationToken cancellationToken)
    {
        if (after is null) await ledger.FlushAsync(cancellationToken);
        return await Page(filter, after, count).ToListAsync(cancellationToken);
    }

    public async Task<LedgerEntry?> FindAsync(CallFilter filter, Guid id, CancellationToken cancellationToken)
    {
        await ledger.FlushAsync(cancellationToken);
        return await Matching(filter).SingleOrDefaultAsync(entry => entry.Id == id, cancellationToken);
    }

    internal IQueryable<CallRow> Page(CallFilter filter, CallCursor? after, int count)
    {
        var entries = Matching(filter);
        if (after is { StartedAt: var startedAt, Id: var id })
            entries = entries.Where(
                entry => EF.Functions.LessThan(ValueTuple.Create(entry.StartedAt, entry.Id), ValueTuple.Create(startedAt, id)));
        return entries.OrderByDescending(entry => entry.StartedAt).ThenByDescending(entry => entry.Id).Take(count).Select(CallRow.Columns);
    }

    private IQueryable<LedgerEntry> Matching(CallFilter filter)
    {
        var entries = db.LedgerEntries.AsNoTracking();
        if (filter.User is { } user) entries = entries.Where(entry => entry.User == user);
        if (filter.App is { } app) entries = entries.Where(entry => entry.App == app);
        if (filter.Key is { } key) entries = entries.Where(entry => entry.ApiKey == key);
        if (filter.Provider is { } provider) entries = entries.Where(entry => entry.Provider == provider);
        if (filter.Model is { } model) entries = entries.Where(entry => entry.Model == model);
        if (filter.From is { } from) entries = entries.Where(entry => entry.StartedAt >= CallFilter.StartOf(from));
        if (filter.To is { } to) entries = entries.Where(entry => entry.StartedAt < CallFilter.EndOf(to));
        return filter.Outcome switch
        {
            CallOutcome.Ok => entries.Where(entry => entry.Status < FirstError && !entry.Estimated),
            CallOutcome.Failed => entries.Where(entry => entry.Status >= FirstError && entry.Status != ClientClosedRequest),
            CallOutcome.Cut => entries.Where(
                entry => entry.Kind == EntryKind.Abandoned || entry.Status == ClientClosedRequest
                || (entry.Estimated && entry.Status < FirstError)),
            CallOutcome.Estimated => entries.Where(entry => entry.Estimated),
            _ => entries,
        };
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
