using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pricing;

namespace AiPipe.Proxy.Counters;

internal static class ScopeRooms
{
    /// <summary>Decides by the scope with the least room.</summary>
    public static (Fit Fit, int Tightest) Decide(
        IReadOnlyList<BudgetScope> scopes, IReadOnlyList<ScopeCounter> counters, CostBound bound, decimal holdShare, DateOnly today)
    {
        var (available, alone, tightest, blocked) = (new PicoUsd(long.MaxValue), new PicoUsd(long.MaxValue), 0, false);
        for (var i = 0; i < scopes.Count; i++)
        {
            var room = counters[i].Room(scopes[i].Budget, today);
            available = PicoUsd.Min(available, room.Available);
            if (room.Alone < alone) (alone, tightest) = (room.Alone, i);
            // A limit of zero blocks even free models.
            blocked |= scopes[i].Budget.Limit <= PicoUsd.Zero;
        }
        return (blocked ? Fit.Spent : BudgetFit.Decide(bound, available, alone, holdShare), tightest);
    }
}
