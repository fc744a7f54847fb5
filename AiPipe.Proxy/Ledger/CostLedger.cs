using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Ledger.Entries;
using AiPipe.Proxy.Money;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Ledger;

/// <summary>Records every cost: in the counters and the journal at once, in Postgres soon after.</summary>
internal sealed partial class CostLedger(
    Journal journal, LedgerWriter writer, ISpendCounter counter, IOptions<LedgerOptions> options, TimeProvider clock,
        ILogger<CostLedger> logger)
{
    /// <summary>Records a call before it is sent.</summary>
    /// <param name="draft">The entry to write if this process dies: charged for its input.</param>
    /// <returns>False if the journal cannot be written; the call must not be sent.</returns>
    public bool Open(LedgerEntry draft, PicoUsd hold) =>
        writer.Pending < options.Value.MaxPending && journal.Reserve(draft, hold);

    /// <summary>Records the minimum cost of a running call: its charge if this process dies.</summary>
    public void Mark(Guid id, PicoUsd countedSoFar)
    {
        journal.Mark(id, countedSoFar);
        counter.Mark(id, countedSoFar);
    }

    /// <summary>
    /// Settles a call in the counters and the journal. Only the first call for a reservation counts. Never throws: an entry that the
    /// journal cannot store is still queued for Postgres. Id, day and scopes come from the reservation, not from the entry.
    /// </summary>
    /// <returns>The user's spend in that month, if known.</returns>
    public async ValueTask<MonthSpend?> CloseAsync(Reservation reservation, LedgerEntry entry)
    {
        var final = entry with
        {
            Id = reservation.Id,
            Day = reservation.Day,
            Scopes = [.. reservation.Scopes.Select(scope => scope.Key)],
            Cost = PicoUsd.Max(entry.Cost, PicoUsd.Zero),
        };
        if (counter.Settle(reservation, final.Cost) is not { } counted) return null;
        // The journal comes first: it must have the final cost if this process dies while other replicas are updated.
        Write(final);
        var month = await counted;
        if (options.Value.Durability == LedgerDurability.Reply) await WaitForPostgresAsync();
        return month;
    }

    /// <summary>Sets a user's spend on a date since the <see cref="BudgetHorizon"/>. A decrease applies once Postgres has it.</summary>
    /// <exception cref="Npgsql.NpgsqlException">The spend cannot be read; nothing is changed.</exception>
    public async ValueTask RecordAdjustmentAsync(
        string email, DateOnly day, PicoUsd cost, string note, CancellationToken cancellationToken)
    {
        var scope = BudgetScope.UserKey(email);
        var now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var difference = await counter.SetDayAsync(id, scope, day, cost, cancellationToken);
        Write(new LedgerEntry
        {
            Cost = difference,
            Id = id,
            User = email,
            Day = day,
            StartedAt = now,
            Scopes = [scope],
            Kind = EntryKind.Adjustment,
            Note = note,
        });
        if (difference < PicoUsd.Zero) await WaitForPostgresAsync();
    }

    /// <summary>Records a call whose replica and journal are lost at the cost in the shared counters. Idempotent.</summary>
    public void BookUnattributed(Guid id, IReadOnlyList<string> scopes, DateOnly day, PicoUsd cost, Orphan what)
    {
        Write(Attribution.Unattributed(id, scopes, day, cost, what));
        LedgerTelemetry.Unattributed(settled: what != Orphan.InFlight);
        Log.Unattributed(logger, id, cost, day);
    }

    public Task FlushAsync(CancellationToken cancellationToken) => writer.FlushAsync(cancellationToken);

    /// <summary>If Postgres is unavailable, the response is delayed until the timeout; its entry is safe in the journal.</summary>
    private async Task WaitForPostgresAsync()
    {
        try
        {
            await writer.FlushAsync(CancellationToken.None).WaitAsync(options.Value.ReplyTimeout, clock);
        }
        catch (TimeoutException)
        {
            // The writer keeps retrying and has already logged the error.
        }
    }

    private void Write(LedgerEntry entry)
    {
        journal.Settle(entry);
        writer.Enqueue(entry);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Critical, Message =
            "The replica of call {Id} and its journal are lost; recorded {Cost} on {Day} as unattributed")]
        public static partial void Unattributed(ILogger logger, Guid id, PicoUsd cost, DateOnly day);
    }
}
