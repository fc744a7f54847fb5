using AiPipe.Proxy.Ledger.Entries;

namespace AiPipe.Proxy.Usage;

/// <summary>Defines which ledger entries a filter matches, for lists, tables and sums alike.</summary>
internal static class CallMatching
{
    private const int ClientClosedRequest = 499;
    private const int FirstError = 400;

    /// <summary>The matching entries. Only conditions in use become part of the query, so that Postgres can choose an index.</summary>
    public static IQueryable<LedgerEntry> Matching(this IQueryable<LedgerEntry> entries, CallFilter filter)
    {
        if (filter.User is { } user) entries = entries.Where(entry => entry.User == user);
        if (filter.App is { } app) entries = entries.Where(entry => entry.App == app);
        if (filter.Key is { } key) entries = entries.Where(entry => entry.ApiKey == key);
        if (filter.Provider is { } provider) entries = entries.Where(entry => entry.Provider == provider);
        if (filter.Model is { } model) entries = entries.Where(entry => entry.Model == model);
        entries = entries.StartedBetween(filter.From, filter.To);
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

    /// <summary>
    /// The entries that <see cref="Matching"/> finds, each on the date on which its cost counts: adjustments on the dates that they
    /// adjust, calls on their first day.
    /// </summary>
    public static IQueryable<LedgerEntry> Counted(this IQueryable<LedgerEntry> entries, CallFilter filter, DateOnly from, DateOnly to)
    {
        var matching = entries.Matching(filter with { From = null, To = null });
        return matching.Where(entry => entry.Kind != EntryKind.Adjustment).StartedBetween(from, to)
            .Concat(matching.Where(entry => entry.Kind == EntryKind.Adjustment && entry.Day >= from && entry.Day <= to));
    }

    private static IQueryable<LedgerEntry> StartedBetween(this IQueryable<LedgerEntry> entries, DateOnly? first, DateOnly? last)
    {
        if (first is { } from) entries = entries.Where(entry => entry.StartedAt >= CallFilter.StartOf(from));
        if (last is { } to) entries = entries.Where(entry => entry.StartedAt < CallFilter.EndOf(to));
        return entries;
    }
}
