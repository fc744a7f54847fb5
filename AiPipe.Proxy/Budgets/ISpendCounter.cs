using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Ledger.Entries;
using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pricing;

namespace AiPipe.Proxy.Budgets;

/// <summary>
/// Counts what every scope has spent and holds: <c>spent + held ≤ limit</c> at every instant, for any number of callers.
/// Spent is what Postgres has, plus what is settled and on its way there; each entry is in one of the two, and moves from the one
/// to the other in one step.
/// </summary>
internal interface ISpendCounter
{
    /// <summary>Holds in all scopes, or in none. The cost will count on <paramref name="day"/>.</summary>
    /// <exception cref="Npgsql.NpgsqlException">What a scope has spent cannot be read; the next call tries again.</exception>
    /// <exception cref="CounterUnavailableException">The counters cannot be asked; the next call tries again.</exception>
    ValueTask<ReserveOutcome> ReserveAsync(
        Guid id, IReadOnlyList<BudgetScope> scopes, CostBound bound, DateOnly day, CancellationToken cancellationToken);

    /// <summary>Ends a reservation: what it held is free again, and what the call cost is spent. Never throws.</summary>
    /// <returns>
    /// What ends when every replica counts it so, with what the person (the first scope) spent in the month that the call counts in, this call
    /// included, where that is known; <c>null</c> when it had ended before: nothing is changed then.
    /// </returns>
    ValueTask<MonthSpend?>? Settle(Reservation reservation, PicoUsd cost);

    /// <summary>Ends a reservation whose call never left and leaves no entry. Never throws.</summary>
    /// <returns>False when it had ended before; nothing is changed then.</returns>
    ValueTask<bool> ReleaseAsync(Reservation reservation);

    /// <summary>A call in flight has cost this much at least: what it is charged should this process die. Never throws, never waits.</summary>
    void Mark(Guid id, PicoUsd counted);

    /// <summary>What one scope has spent and holds now.</summary>
    /// <exception cref="Npgsql.NpgsqlException">What it has spent cannot be read.</exception>
    /// <exception cref="CounterUnavailableException">The counters cannot be asked.</exception>
    ValueTask<ScopeSpend> ReadAsync(BudgetScope scope, CancellationToken cancellationToken);

    /// <summary>Sets what a scope spent on a date, which must not lie before the <see cref="BudgetHorizon"/>.</summary>
    /// <returns>
    /// The difference, which must be written to the ledger as entry <paramref name="id"/>, with this scope as its only one. Below zero it
    /// may count only when Postgres has it.
    /// </returns>
    /// <exception cref="Npgsql.NpgsqlException">What it has spent cannot be read; nothing is changed.</exception>
    /// <exception cref="CounterUnavailableException">
    /// The counters cannot be asked, or an earlier difference below zero is on its way to Postgres for long; nothing is changed.
    /// </exception>
    ValueTask<PicoUsd> SetDayAsync(Guid id, string scope, DateOnly day, PicoUsd cost, CancellationToken cancellationToken);

    /// <summary>Says that Postgres has these entries, which were all counted here. Never throws.</summary>
    ValueTask WrittenAsync(WrittenEntries written);

    /// <summary>Says that Postgres has these entries of a process that died. Never throws.</summary>
    /// <param name="replica">That process.</param>
    /// <param name="written">Some of its entries.</param>
    ValueTask ReplayedAsync(Guid replica, WrittenEntries written);

    /// <summary>Says that Postgres has every entry of a process that died: whatever it still holds never left. Never throws.</summary>
    ValueTask ForgetAsync(Guid replica);
}
