using AiPipe.Proxy.Ledger.Entries;

namespace AiPipe.Proxy.Counters.Redis;

/// <summary>The changes since the membership was lost.</summary>
internal sealed class PendingSync
{
    public HashSet<Guid> Calls { get; } = [];
    public Dictionary<(string Scope, DateOnly Day), DayTotal> Totals { get; } = [];
    /// <summary>Dead replicas whose entries are all in Postgres.</summary>
    public HashSet<Guid> Dead { get; } = [];

    public bool IsEmpty => Calls.Count == 0 && Totals.Count == 0 && Dead.Count == 0;

    public void Add(IReadOnlyList<DayTotal> totals)
    {
        foreach (var total in totals)
            if (!Totals.TryGetValue((total.Scope, total.Day), out var known) || known.Entries <= total.Entries)
                Totals[(total.Scope, total.Day)] = total;
    }
}
