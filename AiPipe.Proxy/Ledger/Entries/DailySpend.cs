using AiPipe.Proxy.Money;

namespace AiPipe.Proxy.Ledger.Entries;

/// <summary>What one scope spent on one UTC date: what counters are filled from.</summary>
/// <param name="Scope"><c>kind:name</c> (<see cref="Budgets.BudgetScope.Key"/>).</param>
/// <param name="Day">The date.</param>
/// <param name="Cost">The sum of the ledger's entries, corrections included.</param>
/// <param name="Calls">How many calls that was.</param>
/// <param name="Entries">How many entries are in the sum. It only grows: of two readings, the one with more is the newer.</param>
internal sealed record DailySpend(string Scope, DateOnly Day, PicoUsd Cost, int Calls, long Entries);

/// <summary>One reading of a <see cref="DailySpend"/>, as counters take it.</summary>
internal readonly record struct DayTotal(string Scope, DateOnly Day, PicoUsd Cost, long Entries, long Calls);

/// <summary>What Postgres has now.</summary>
/// <param name="Entries">The entries that reached it.</param>
/// <param name="Totals">Every sum that any of them is in, with all of them in it.</param>
internal readonly record struct WrittenEntries(IReadOnlyList<LedgerEntry> Entries, IReadOnlyList<DayTotal> Totals);
