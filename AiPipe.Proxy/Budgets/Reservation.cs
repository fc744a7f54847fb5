using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pricing;

namespace AiPipe.Proxy.Budgets;

/// <summary>A reservation for a running call. It ends exactly once, by settlement or release.</summary>
/// <param name="Id">Also the id of the ledger entry.</param>
/// <param name="Day">The UTC date on which the cost will count.</param>
internal sealed record Reservation(Guid Id, IReadOnlyList<BudgetScope> Scopes, CostLimit Limit, DateOnly Day)
{
    public PicoUsd Amount => Limit.Amount;

    public IReadOnlyList<string> Keys => [.. Scopes.Select(scope => scope.Key)];
}
