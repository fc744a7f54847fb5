using AiPipe.Proxy.Journey.Pricing;

namespace AiPipe.Proxy.Journey.Recording;

/// <summary>What one scope spent on one UTC date: what counters are filled from.</summary>
/// <param name="Scope"><c>kind:name</c> (<see cref="Budgets.BudgetScope.Key"/>).</param>
/// <param name="Day">The date.</param>
/// <param name="Cost">The sum of the ledger's entries, corrections included.</param>
/// <param name="Calls">How many calls that was.</param>
internal sealed record DailySpend(string Scope, DateOnly Day, PicoUsd Cost, int Calls);
