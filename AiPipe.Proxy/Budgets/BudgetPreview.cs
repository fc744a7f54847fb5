using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pricing;

namespace AiPipe.Proxy.Budgets;

internal static class BudgetPreview
{
    /// <summary>The outcome that <see cref="ISpendCounter.ReserveAsync"/> would have now. Reserves nothing.</summary>
    /// <param name="holdShare"><see cref="BudgetOptions.HoldShare"/>.</param>
    /// <exception cref="Npgsql.NpgsqlException">A scope's spend cannot be read.</exception>
    /// <exception cref="CounterUnavailableException">The counters are unavailable.</exception>
    public static async ValueTask<ReserveOutcome> PreviewAsync(
        this ISpendCounter counter, Guid id, IReadOnlyList<BudgetScope> scopes, CostBound bound, DateOnly day, decimal holdShare,
        CancellationToken cancellationToken)
    {
        var (available, alone, isBlocked) = (new PicoUsd(long.MaxValue), new PicoUsd(long.MaxValue), false);
        ScopeSpend? tightest = null;
        foreach (var scope in scopes)
        {
            var spend = await counter.ReadAsync(scope, cancellationToken);
            var unspent = (Int128)spend.Limit.Value - spend.Spent.Value;
            available = PicoUsd.Min(available, PicoUsd.Saturate(unspent - spend.Reserved.Value));
            if (tightest is null || PicoUsd.Saturate(unspent) < alone) (alone, tightest) = (PicoUsd.Saturate(unspent), spend);
            // A limit of zero blocks even free models.
            isBlocked |= spend.Limit <= PicoUsd.Zero;
        }
        var fit = isBlocked ? Fit.Spent : BudgetFit.Decide(bound, available, alone, holdShare);
        return fit.Verdict == FitVerdict.Fits
            ? new ReserveOutcome.Reserved(new Reservation(id, scopes, fit.Limit, day))
            : new ReserveOutcome.NoRoom(tightest!, fit.Verdict == FitVerdict.Reserved);
    }
}
