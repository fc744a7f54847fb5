using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Money;

namespace AiPipe.Tests.Support;

internal static class SpendCounterExtensions
{
    /// <summary>Settles, and waits until every replica counts it so. False when it had ended before.</summary>
    public static async Task<bool> SettleAsync(this ISpendCounter counter, Reservation reservation, PicoUsd cost)
    {
        if (counter.Settle(reservation, cost) is not { } counted) return false;
        await counted;
        return true;
    }
}
