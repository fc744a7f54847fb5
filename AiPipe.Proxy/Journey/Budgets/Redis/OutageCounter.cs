using AiPipe.Proxy.Journey.Pricing;
using AiPipe.Proxy.Journey.Recording;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Journey.Budgets.Redis;

/// <summary>
/// Decides while Redis is away: lets each scope spend and hold up to its <see cref="OutageLease"/> on this replica, beyond which (or without
/// leases) it refuses. What the other replicas hold is not seen here, so the most that can be overspent is the lease times the replicas.
/// </summary>
internal sealed class OutageCounter(OwnCalls calls, LedgerStore store, IOptions<BudgetOptions> options, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private MemorySpendCounter? _counter;
    private int _outage = -1;

    /// <summary>Holds in all scopes within their leases, or in none.</summary>
    /// <exception cref="CounterUnavailableException">The lease does not reach, or there is none.</exception>
    /// <exception cref="Npgsql.NpgsqlException">What a scope has spent cannot be read.</exception>
    public async ValueTask<ReserveOutcome> ReserveAsync(
        Guid id, IReadOnlyList<BudgetScope> scopes, CostBound bound, DateOnly day, CancellationToken cancellationToken)
    {
        if (options.Value.OutageLease == OutageLease.None) throw new CounterUnavailableException("Redis does not answer.");
        var outcome = await Counter().ReserveAsync(id, WithLeases(scopes), bound, day, cancellationToken);
        return outcome switch
        {
            ReserveOutcome.Reserved { Reservation: var held } => new ReserveOutcome.Reserved(held with { Scopes = scopes }),
            ReserveOutcome.NoRoom no when scopes.Contains(no.Scope.Scope) => no,
            _ => throw new CounterUnavailableException("Redis does not answer, and what may be spent until it does is used up."),
        };
    }

    public void Settle(Reservation reservation, PicoUsd cost) => Current()?.Settle(WithLeases(reservation), cost);

    public async ValueTask ReleaseAsync(Reservation reservation)
    {
        if (Current() is { } counter) await counter.ReleaseAsync(WithLeases(reservation));
    }

    /// <summary>What Postgres and this replica know.</summary>
    /// <exception cref="Npgsql.NpgsqlException">What a scope has spent cannot be read.</exception>
    public ValueTask<ScopeSpend> ReadAsync(BudgetScope scope, CancellationToken cancellationToken) => Counter().ReadAsync(scope, cancellationToken);

    private Reservation WithLeases(Reservation reservation) => reservation with { Scopes = WithLeases(reservation.Scopes) };

    private BudgetScope[] WithLeases(IReadOnlyList<BudgetScope> scopes) => [.. scopes, .. scopes.Select(Leased)];

    // Every outage has a lease of its own: what was spent in the one before is counted by now.
    private BudgetScope Leased(BudgetScope scope) =>
        new($"lease:{scope.Key}", new Budget(options.Value.OutageLease.Of(scope), new BudgetWindow.LastDays(BudgetOptions.MaxDays)));

    private MemorySpendCounter Counter()
    {
        lock (_gate)
        {
            if (Current() is { } counter) return counter;
            _outage = calls.Losses;
            return _counter = new MemorySpendCounter(store, options, clock);
        }
    }

    private MemorySpendCounter? Current()
    {
        lock (_gate) return _outage == calls.Losses ? _counter : null;
    }
}
