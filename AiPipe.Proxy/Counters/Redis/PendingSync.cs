using AiPipe.Proxy.Ledger.Entries;

namespace AiPipe.Proxy.Counters.Redis;

/// <summary>What changed while the replica was no member.</summary>
internal sealed class PendingSync
{
    /// <summary>Calls that came, changed or went.</summary>
    public HashSet<Guid> Calls { get; } = [];
    /// <summary>Sums that Postgres gave, the newest of each.</summary>
    public Dictionary<(string Scope, DateOnly Day), DayTotal> Totals { get; } = [];
    /// <summary>Replicas that are dead, and all of whose entries Postgres has.</summary>
    public HashSet<Guid> Dead { get; } = [];

    public bool IsEmpty => Calls.Count == 0 && Totals.Count == 0 && Dead.Count == 0;

    public void Add(IReadOnlyList<DayTotal> totals)
    {
        foreach (var total in totals)
            if (!Totals.TryGetValue((total.Scope, total.Day), out var known) || known.Entries <= total.Entries)
                Totals[(total.Scope, total.Day)] = total;
    }
}
