using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Ledger.Entries;
using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pricing;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Counters.Redis;

/// <summary>
/// Decides while Redis is unavailable: each scope may spend and reserve up to its <see cref="OutageLease"/> on this replica; beyond it, or
/// without leases, calls are refused. Other replicas' reservations are not visible, so at most lease × replicas is overspent.
/// </summary>
internal sealed class OutageCounter(LocalReservations calls, LedgerStore store, IOptionsMonitor<BudgetOptions> options, TimeProvider clock)
{
    private readonly Lock _gate = new();
    /// <summary>What each scope has used of its lease since its last reservation in Redis.</summary>
    private readonly Dictionary<string, PicoUsd> _taken = new(StringComparer.Ordinal);
    private Dictionary<string, PicoUsd> _takenBefore = [];
    private MemorySpendCounter? _counter;
    private int _outage = -1;

    /// <summary>Reserves in all scopes within their leases, or in none.</summary>
    /// <exception cref="CounterUnavailableException">There is no lease, or it is used up.</exception>
    /// <exception cref="Npgsql.NpgsqlException">A scope's spend cannot be read.</exception>
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

    /// <summary>Renews leases after a reservation in Redis; otherwise consecutive outages would each overspend one.</summary>
    public void Renew(IReadOnlyList<BudgetScope> scopes, Membership heldUnder)
    {
        lock (_gate)
        {
            if (_taken.Count == 0 || calls.Member != heldUnder) return;
            foreach (var scope in scopes) _taken.Remove(scope.Key);
        }
    }

    public ValueTask<ScopeSpend> ReadAsync(BudgetScope scope, CancellationToken cancellationToken) =>
        Counter().ReadAsync(scope, cancellationToken);

    private Reservation WithLeases(Reservation reservation) => reservation with { Scopes = WithLeases(reservation.Scopes) };

    private BudgetScope[] WithLeases(IReadOnlyList<BudgetScope> scopes) => [.. scopes, .. scopes.Select(Leased)];

    private BudgetScope Leased(BudgetScope scope)
    {
        // A limit of zero would block free models.
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

    // Unless the lease was renewed in the meantime.
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
