using AiPipe.Proxy.Money;

namespace AiPipe.Proxy.Ledger.Entries;

/// <summary>The spend of one scope on one UTC date; the counters are filled from it.</summary>
/// <param name="Entries">The number of entries in the sum. It only grows: of two readings, the one with more is newer.</param>
internal sealed record DailySpend(string Scope, DateOnly Day, PicoUsd Cost, int Calls, long Entries);

internal readonly record struct DayTotal(string Scope, DateOnly Day, PicoUsd Cost, long Entries, long Calls);

/// <summary>The result of a group write.</summary>
/// <param name="Entries">The entries that Postgres has now.</param>
/// <param name="Totals">Every sum that contains any of them, all of them included.</param>
internal readonly record struct WrittenEntries(IReadOnlyList<LedgerEntry> Entries, IReadOnlyList<DayTotal> Totals);
