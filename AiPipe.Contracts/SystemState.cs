namespace AiPipe.Contracts;

/// <summary>The state of the gateway, as the replica that responds sees it: <c>GET /admin/system</c>.</summary>
/// <param name="Version">Of the gateway.</param>
/// <param name="StartedAt">When this replica started.</param>
/// <param name="Postgres">The database.</param>
/// <param name="Redis">The counters shared by replicas, where configured.</param>
/// <param name="Journal">What this replica has not yet written to Postgres.</param>
/// <param name="Replicas">Those that are alive; without Postgres only this one.</param>
/// <param name="Prices">The embedded price table.</param>
/// <param name="Unattributed">Absent while Postgres is unavailable.</param>
public sealed record SystemInfo(
    string Version, DateTimeOffset? StartedAt, DependencyHealth Postgres, DependencyHealth Redis, JournalInfo Journal,
    IReadOnlyList<ReplicaInfo> Replicas,
    PriceTableInfo Prices, UnattributedInfo? Unattributed);

/// <summary>Whether a dependency responds.</summary>
/// <param name="Ok">Absent where it is not configured.</param>
/// <param name="LatencyMs">Of one request, in milliseconds.</param>
/// <param name="Configured">It is part of this deployment.</param>
public sealed record DependencyHealth(bool? Ok, double? LatencyMs, bool Configured);

/// <summary>The journal of a replica.</summary>
/// <param name="PendingEntries">Ledger entries that Postgres does not have yet.</param>
/// <param name="Outstanding">Calls in flight.</param>
/// <param name="Bytes">Its size on disk.</param>
public sealed record JournalInfo(long PendingEntries, int Outstanding, long Bytes);

/// <summary>A replica.</summary>
/// <param name="Id">Its id for this run.</param>
/// <param name="StartedAt">When it started.</param>
/// <param name="LastSeenAt">Its last heartbeat.</param>
/// <param name="This">The one that responds.</param>
public sealed record ReplicaInfo(Guid Id, DateTimeOffset? StartedAt, DateTimeOffset LastSeenAt, bool This);

/// <summary>The embedded price table.</summary>
/// <param name="Version">Its version.</param>
public sealed record PriceTableInfo(string Version);

/// <summary>Calls that only the counters know of, because the replica that took them is gone with its journal.</summary>
/// <param name="Entries">How many.</param>
/// <param name="Cost">USD.</param>
public sealed record UnattributedInfo(long Entries, decimal Cost);
