using System.Diagnostics;
using System.Globalization;
using AiPipe.Proxy.Journey.Authentication;
using AiPipe.Proxy.Journey.Pricing;
using AiPipe.Proxy.Journey.Recording;
using Npgsql;

namespace AiPipe.Proxy.Journey.Budgets;

/// <summary>Lets a metered call leave only with money held for the most that it can cost.</summary>
internal sealed partial class BudgetGuard(
    BudgetBook book, ISpendCounter counter, CostLedger ledger, TimeProvider clock, ILogger<BudgetGuard> logger)
{
    /// <summary>About how long a call takes: by then one of those that hold the money has probably ended.</summary>
    private static readonly TimeSpan HeldRetry = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LedgerRetry = TimeSpan.FromSeconds(5);

    /// <summary>Reserves and journals; sets <see cref="GatewayCall.Reservation"/>. Callers with keys of their own pass unseen.</summary>
    public async ValueTask<Refusal?> ReserveAsync(GatewayCall call)
    {
        if (call.Caller is not Caller.User caller) return null;
        try
        {
            return call.Price is { } price
                ? await ReserveAsync(call, caller, price)
                : await RefuseBlockedAsync(caller, call.Http.RequestAborted);
        }
        catch (NpgsqlException exception)
        {
            Log.CounterUnreadable(logger, exception.Message);
            return Refusal.LedgerUnavailable(LedgerRetry);
        }
        catch (CounterUnavailableException)
        {
            return Refusal.CounterUnavailable(LedgerRetry);
        }
    }

    private async ValueTask<Refusal?> ReserveAsync(GatewayCall call, Caller.User caller, PricedModel price)
    {
        call.Bound = CostCalculator.Bound(price, call.Body, call.Endpoint.Api);
        var day = DateOnly.FromDateTime(call.StartedAt.UtcDateTime);
        var outcome = await counter.ReserveAsync(call.Id, book.ScopesOf(caller), call.Bound, day, call.Http.RequestAborted);
        if (outcome is ReserveOutcome.NoRoom no) return no.WaitingHelps ? Refusal.BudgetHeld(HeldRetry) : Spent(no.Scope);

        var reservation = ((ReserveOutcome.Reserved)outcome).Reservation;
        var draft = Draft(call, caller, reservation);
        if (!ledger.Open(draft, reservation.Amount))
        {
            await counter.ReleaseAsync(reservation);
            return Refusal.LedgerUnavailable(LedgerRetry);
        }
        (call.Reservation, call.Draft) = (reservation, draft);
        return null;
    }

    /// <summary>A limit of zero blocks what is free and not metered, too.</summary>
    private async ValueTask<Refusal?> RefuseBlockedAsync(Caller.User caller, CancellationToken cancellationToken)
    {
        var scope = book.UserScope(caller.Email);
        return scope.Budget.Limit > PicoUsd.Zero ? null : Spent(await counter.ReadAsync(scope, cancellationToken));
    }

    private Refusal Spent(ScopeSpend scope)
    {
        var resetsAt = new DateTimeOffset(scope.ResetsOn(), TimeOnly.MinValue, TimeSpan.Zero);
        var days = scope.Scope.Budget.Window.DaysOn(scope.Today);
        var message = string.Create(
            CultureInfo.InvariantCulture, $"Usage ${scope.Spent.ToUsd()} / ${scope.Limit.ToUsd()} in {days} days");
        return Refusal.BudgetSpent(message, resetsAt, resetsAt - clock.GetUtcNow());
    }

    // The entry that stands in the ledger if nobody lives to write a better one.
    private static LedgerEntry Draft(GatewayCall call, Caller.User caller, Reservation reservation) => new()
    {
        Id = call.Id,
        User = caller.Email,
        Day = reservation.Day,
        StartedAt = call.StartedAt,
        Scopes = [.. reservation.Scopes.Select(scope => scope.Key)],
        Kind = EntryKind.Abandoned,
        Provider = call.Provider.Name,
        Model = call.Body.Model,
        Operation = call.Endpoint.Operation,
        App = caller.Slice?.Origin,
        Cost = call.Bound.Input,
        Estimated = true,
        TraceId = Activity.Current?.TraceId.ToString(),
    };

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "What was spent cannot be read from Postgres, so a call is refused: {Why}")]
        public static partial void CounterUnreadable(ILogger logger, string why);
    }
}
