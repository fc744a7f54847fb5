using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Ledger.Entries;
using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pricing;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Counters.Redis;

/// <summary>
/// Decides while Redis is away: lets each scope spend and hold up to its <see cref="OutageLease"/> on this replica, beyond which (or without
/// leases) it refuses. What the other replicas hold is not seen here, so the most that can be overspent is the lease times the replicas.
/// </summary>
internal sealed class OutageCounter(LocalReservations calls, LedgerStore store, IOptionsMonitor<BudgetOptions> options, TimeProvider clock)
{
    private readonly Lock _gate = new();
    /// <summary>What was taken out of the lease of each scope since Redis last held something in it.</summary>
    private readonly Dictionary<string, PicoUsd> _taken = new(StringComparer.Ordinal);
    /// <summary>The part of it from before this outage.</summary>
    private Dictionary<string, PicoUsd> _takenBefore = [];
    private MemorySpendCounter? _counter;
    private int _outage = -1;

    /// <summary>Holds in all scopes within their leases, or in none.</summary>
    /// <exception cref="CounterUnavailableException">The lease does not reach, or there is none.</exception>
    /// <exception cref="Npgsql.NpgsqlException">What a scope has spent cannot be read.</exception>
    public async ValueTask<ReserveOutcome> ReserveAsync(
        Guid id, IReadOnlyList<BudgetScope> scopes, CostBound bound, DateOnly day, CancellationToken cancellationToken)
    {
        if (options.CurrentValue.OutageLease == OutageLease.None) throw new CounterUnavailableException("Redis does not answer.");
        var outcome = await Counter().ReserveAsync(id, WithLeases(scopes), bound, day, cancellationToken);
        switch (outcome)
        {
            case ReserveOutcome.Reserved { Reservation: var held }:
                Take(scopes, held.Amount);
                return new ReserveOutcome.Reserved(held with { Scopes = scopes });
            case ReserveOutcome.NoRoom no when scopes.Contains(no.Scope.Scope):
                return no;
            default:
                throw new CounterUnavailableException("Redis does not answer, and what may be spent until it does is used up.");
        }
    }

    public void Settle(Reservation reservation, PicoUsd cost)
    {
        if (Current()?.Settle(WithLeases(reservation), cost) is not null) GiveBack(reservation, cost);
    }

    public async ValueTask ReleaseAsync(Reservation reservation)
    {
        if (Current() is { } counter && await counter.ReleaseAsync(WithLeases(reservation))) GiveBack(reservation, PicoUsd.Zero);
    }

    /// <summary>
    /// Redis holds a call in these scopes, so whatever was lent fits: their leases are whole again. Before that they are not, or outages one
    /// after the other would each overspend a lease.
    /// </summary>
    public void Renew(IReadOnlyList<BudgetScope> scopes, Membership heldUnder)
    {
        lock (_gate)
        {
            if (_taken.Count == 0 || calls.Member != heldUnder) return;
            foreach (var scope in scopes) _taken.Remove(scope.Key);
        }
    }

    /// <summary>What Postgres and this replica know.</summary>
    /// <exception cref="Npgsql.NpgsqlException">What a scope has spent cannot be read.</exception>
    public ValueTask<ScopeSpend> ReadAsync(BudgetScope scope, CancellationToken cancellationToken) => Counter().ReadAsync(scope, cancellationToken);

    private Reservation WithLeases(Reservation reservation) => reservation with { Scopes = WithLeases(reservation.Scopes) };

    private BudgetScope[] WithLeases(IReadOnlyList<BudgetScope> scopes) => [.. scopes, .. scopes.Select(Leased)];

    private BudgetScope Leased(BudgetScope scope)
    {
        // A limit of zero would block what is free.
        var left = PicoUsd.Max(options.CurrentValue.OutageLease.Of(scope) - _takenBefore.GetValueOrDefault(scope.Key), new PicoUsd(1));
        return new($"lease:{scope.Key}", new Budget(left, new BudgetWindow.LastDays(BudgetOptions.MaxDays)));
    }

    private void Take(IReadOnlyList<BudgetScope> scopes, PicoUsd amount)
    {
        lock (_gate)
        {
            foreach (var scope in scopes) _taken[scope.Key] = _taken.GetValueOrDefault(scope.Key) + amount;
        }
    }

    // Not where the lease is whole again.
    private void GiveBack(Reservation reservation, PicoUsd cost)
    {
        lock (_gate)
        {
            foreach (var scope in reservation.Scopes)
                if (_taken.TryGetValue(scope.Key, out var taken)) _taken[scope.Key] = taken - reservation.Amount + cost;
        }
    }

    private MemorySpendCounter Counter()
    {
        lock (_gate)
        {
            if (Current() is { } counter) return counter;
            _outage = calls.Losses;
            _takenBefore = new(_taken, StringComparer.Ordinal);
            return _counter = new MemorySpendCounter(store, options, clock);
        }
    }

    private MemorySpendCounter? Current()
    {
        lock (_gate) return _outage == calls.Losses ? _counter : null;
    }
}
