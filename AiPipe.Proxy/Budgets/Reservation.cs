using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pricing;

namespace AiPipe.Proxy.Budgets;

/// <summary>Money held while a call is in flight. It ends exactly once: settled at what the call cost.</summary>
/// <param name="Id">Also the ledger entry's.</param>
/// <param name="Scopes">The counters it is held in.</param>
/// <param name="Hold">How much, and the output limit that goes with it.</param>
/// <param name="Day">The UTC date that the cost will count on.</param>
internal sealed record Reservation(Guid Id, IReadOnlyList<BudgetScope> Scopes, Hold Hold, DateOnly Day)
{
    public PicoUsd Amount => Hold.Amount;

    /// <summary>The names of the counters, as the ledger knows them.</summary>
    public IReadOnlyList<string> Keys => [.. Scopes.Select(scope => scope.Key)];
}
