using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Ledger.Entries;
using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pricing;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Ledger;

/// <summary>Where every cost is written down: in the counters at once, in the journal at once, in Postgres soon after.</summary>
internal sealed partial class CostLedger(
    Journal journal, LedgerWriter writer, ISpendCounter counter, IOptions<LedgerOptions> options, TimeProvider clock, ILogger<CostLedger> logger)
{
    /// <summary>Writes down that a call is about to leave.</summary>
    /// <param name="draft">The entry that it leaves should this process die: charged for its input.</param>
    /// <param name="hold">What is held for it.</param>
    /// <returns>False when it cannot be written down, so it must not leave.</returns>
    public bool Open(LedgerEntry draft, PicoUsd hold) =>
        writer.Pending < options.Value.MaxPending && journal.Reserve(draft, hold);

    /// <summary>Writes down what a call in flight has cost at least: what it is charged should this process die.</summary>
    public void Mark(Guid id, PicoUsd countedSoFar)
    {
        journal.Mark(id, countedSoFar);
        counter.Mark(id, countedSoFar);
    }

    /// <summary>
    /// Ends a call: its cost is in the counters and in the journal when this returns. Only the first time counts.
    /// Never throws: an entry that the disk does not take is still on its way to Postgres.
    /// The entry's id, day and scopes are the reservation's, whatever it says.
    /// </summary>
    /// <returns>What the person spent in that month, where it is known.</returns>
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
        // First: should this process die while other replicas are being told, the journal has the true cost.
        Write(final);
        var month = await counted;
        if (options.Value.Durability == LedgerDurability.Reply) await WaitForPostgresAsync();
        return month;
    }

    /// <summary>
    /// Sets what a user (the address in lower case) spent on a date, which must not lie before
    /// the <see cref="BudgetHorizon"/>. The note says who does it, and why. With Postgres away, what lowers it counts later.
    /// </summary>
    /// <exception cref="Npgsql.NpgsqlException">What was spent cannot be read; nothing is changed.</exception>
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

    /// <summary>
    /// Books a call whose replica is gone with its journal at what the shared counters had for it, and tells the operator.
    /// Should its own entry arrive after all, before or after, the ledger ends at that one's cost. Booking it again changes nothing.
    /// </summary>
    /// <param name="id">The call's.</param>
    /// <param name="scopes">The counters that have it, as <c>kind:name</c>.</param>
    /// <param name="day">The UTC date that it was counted on.</param>
    /// <param name="cost">What they have for it.</param>
    /// <param name="what">What it was.</param>
    public void BookUnattributed(Guid id, IReadOnlyList<string> scopes, DateOnly day, PicoUsd cost, Orphan what)
    {
        Write(Attribution.Unattributed(id, scopes, day, cost, what));
        LedgerTelemetry.Unattributed(settled: what != Orphan.InFlight);
        Log.Unattributed(logger, id, cost, day);
    }

    /// <summary>Returns when everything written down before is in Postgres.</summary>
    public Task FlushAsync(CancellationToken cancellationToken) => writer.FlushAsync(cancellationToken);

    /// <summary>With Postgres away an answer is late, but not lost: the journal has its entry.</summary>
    private async Task WaitForPostgresAsync()
    {
        try
        {
            await writer.FlushAsync(CancellationToken.None).WaitAsync(options.Value.ReplyTimeout, clock);
        }
        catch (TimeoutException)
        {
            // The writer goes on, and has told the operator why it cannot write.
        }
    }

    private void Write(LedgerEntry entry)
    {
        journal.Settle(entry);
        writer.Enqueue(entry);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Critical, Message = "The replica that took call {Id} is gone with its journal; {Cost} of {Day} are booked as unattributed")]
        public static partial void Unattributed(ILogger logger, Guid id, PicoUsd cost, DateOnly day);
    }
}
