using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Ledger.Entries;
using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pricing;

namespace AiPipe.Proxy.Budgets;

/// <summary>
/// Counts what every scope has spent and reserved: <c>spent + reserved ≤ limit</c> at every moment, for any number of callers. Spent is
/// the sum in Postgres plus pending entries; an entry moves from one to the other atomically.
/// </summary>
internal interface ISpendCounter
{
    /// <summary>Reserves in all scopes or in none. The cost will count on <paramref name="day"/>.</summary>
    /// <exception cref="Npgsql.NpgsqlException">A scope's spend cannot be read; the next call retries.</exception>
    /// <exception cref="CounterUnavailableException">The counters are unavailable; the next call retries.</exception>
    ValueTask<ReserveOutcome> ReserveAsync(
        Guid id, IReadOnlyList<BudgetScope> scopes, CostBound bound, DateOnly day, CancellationToken cancellationToken);

    /// <summary>Ends a reservation and counts its cost. Never throws.</summary>
    /// <returns>
    /// A task that ends when every replica counts it, with the user's (first scope's) spend in the call's month, if known; <c>null</c> if
    /// the reservation had ended before.
    /// </returns>
    ValueTask<MonthSpend?>? Settle(Reservation reservation, PicoUsd cost);

    /// <summary>Ends the reservation of a call that was not sent. Never throws.</summary>
    /// <returns>False if it had ended before.</returns>
    ValueTask<bool> ReleaseAsync(Reservation reservation);

    /// <summary>Sets the minimum cost of a running call: its charge if this process dies. Never throws, never waits.</summary>
    void Mark(Guid id, PicoUsd counted);

    /// <summary>The current spend and reservations of one scope.</summary>
    /// <exception cref="Npgsql.NpgsqlException">The spend cannot be read.</exception>
    /// <exception cref="CounterUnavailableException">The counters are unavailable.</exception>
    ValueTask<ScopeSpend> ReadAsync(BudgetScope scope, CancellationToken cancellationToken);

    /// <summary>Sets a scope's spend on a date since the <see cref="BudgetHorizon"/>.</summary>
    /// <returns>The difference, to be written as entry <paramref name="id"/>. A decrease may count only when Postgres has it.</returns>
    /// <exception cref="CounterUnavailableException">An earlier decrease is pending, or an outage; nothing is changed.</exception>
    ValueTask<PicoUsd> SetDayAsync(Guid id, string scope, DateOnly day, PicoUsd cost, CancellationToken cancellationToken);

    /// <summary>Reports counted entries that Postgres has now. Never throws.</summary>
    ValueTask WrittenAsync(WrittenEntries written);

    /// <summary>Reports entries of a dead process that Postgres has now. Never throws.</summary>
    ValueTask ReplayedAsync(Guid replica, WrittenEntries written);

    /// <summary>Reports that Postgres has all entries of a dead process: drops its reservations. Never throws.</summary>
    ValueTask ForgetAsync(Guid replica);
}
