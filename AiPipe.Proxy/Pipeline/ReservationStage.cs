using System.Diagnostics;
using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Calls;
using AiPipe.Proxy.Calls.Telemetry;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Ledger;
using AiPipe.Proxy.Ledger.Entries;
using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pricing;
using Microsoft.Extensions.Options;
using Npgsql;

namespace AiPipe.Proxy.Pipeline;

/// <summary>Reserves the maximum cost of a metered call before it is sent.</summary>
internal sealed partial class ReservationStage(
    BudgetResolver budgets, ISpendCounter counter, CostLedger ledger, IOptionsMonitor<BudgetOptions> options, TimeProvider clock,
    ILogger<ReservationStage> logger)
{
    /// <summary>Below 1/10 of its budget, a request that would fit the unspent budget gets budget_spent.</summary>
    private const int SpentShare = 10;
    /// <summary>A typical call duration, after which a running call has probably released its reservation.</summary>
    private static readonly TimeSpan ReservedRetry = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LedgerRetry = TimeSpan.FromSeconds(5);

    /// <summary>Reserves and journals; sets <see cref="CallContext.Reservation"/>. Skips callers with a BYOK key.</summary>
    public async ValueTask<Refusal?> ReserveAsync(CallContext call)
    {
        if (call.Caller is not Caller.User caller) return null;
        using var span = StageSpans.Reserve();
        var refusal = call is { Price: { } price, Endpoint.Api: { } api }
            ? await ReserveAsync(call, caller, price, api)
            : await RefuseBlockedAsync(call, caller, call.Target);
        span.Refused(refusal);
        if (call.Reservation is { } reservation) span.Reserved(reservation.Amount);
        return refusal;
    }

    /// <summary>What <see cref="ReserveAsync(CallContext)"/> would reserve now; sets <see cref="CallContext.Bound"/>.</summary>
    /// <returns>The limit, <c>null</c> if nothing is reserved for the call; or the refusal that the call would get.</returns>
    public async ValueTask<(CostLimit? Limit, Refusal? Refusal)> PreviewAsync(CallContext call)
    {
        if (call is not { Caller: Caller.User caller, Price: { } price, Endpoint.Api: { } api }) return (null, null);
        try
        {
            var (reservation, refusal) = await TryFitSearchesAsync(call, caller, price, api, isPreview: true);
            return (reservation?.Limit, refusal);
        }
        catch (Exception exception) when (IsOutage(exception))
        {
            return (null, RefuseOutage(exception));
        }
    }

    /// <summary>Refuses callers who may spend nothing, before their bodies are read.</summary>
    public ValueTask<Refusal?> RefuseBlockedAsync(CallContext call) =>
        call.Caller is Caller.User caller ? RefuseBlockedAsync(call, caller, CallTarget.None) : default;

    /// <summary>Refuses a model that a class of the caller forbids, whatever other budgets have.</summary>
    public Refusal? RefuseModel(CallContext call) =>
        call.Caller is Caller.User caller && budgets.RefusingClass(caller.Spender, call.Target) is { } taught
            ? Refusal.ModelNotAllowed($"Your class \"{taught.Name}\" does not allow the model {call.Target.Model}. It allows: "
                + string.Join(", ", taught.Models.Select(static model => model.Written)) + ".")
            : null;

    /// <summary>A limit of zero also blocks free and unmetered calls.</summary>
    private ValueTask<Refusal?> RefuseBlockedAsync(CallContext call, Caller.User caller, CallTarget target) =>
        budgets.BlockingScope(caller.Spender, target) is { } scope ? RefuseSpentAsync(scope, call.Http.RequestAborted) : default;

    private async ValueTask<Refusal?> RefuseSpentAsync(BudgetScope scope, CancellationToken cancellationToken)
    {
        try
        {
            return Spent(await counter.ReadAsync(scope, cancellationToken));
        }
        catch (Exception exception) when (IsOutage(exception))
        {
            return RefuseOutage(exception);
        }
    }

    private static bool IsOutage(Exception exception) => exception is NpgsqlException or CounterUnavailableException;

    private Refusal RefuseOutage(Exception exception)
    {
        if (exception is CounterUnavailableException) return Refusal.CounterUnavailable(LedgerRetry);
        Log.CounterUnreadable(logger, exception.Message);
        return Refusal.LedgerUnavailable(LedgerRetry);
    }

    private async ValueTask<Refusal?> ReserveAsync(CallContext call, Caller.User caller, PricedModel price, WireApi api)
    {
        try
        {
            var tried = await TryFitSearchesAsync(call, caller, price, api, isPreview: false);
            if (tried.Reservation is not { } reservation) return tried.Refusal;

            var draft = Draft(call, caller, reservation);
            if (!ledger.Open(draft, reservation.Amount))
            {
                await counter.ReleaseAsync(reservation);
                return Refusal.LedgerUnavailable(LedgerRetry);
            }
            (call.Reservation, call.Draft, call.ReservedAfter) = (reservation, draft, call.Elapsed);
            ReservationMetrics.Reserved(reservation.Amount);
            return null;
        }
        catch (Exception exception) when (IsOutage(exception))
        {
            return RefuseOutage(exception);
        }
    }

    private async ValueTask<(Reservation? Reservation, Refusal? Refusal)> TryFitSearchesAsync(
        CallContext call, Caller.User caller, PricedModel price, WireApi api, bool isPreview)
    {
        var tried = await TryFitAsync(call, caller, price, api, isPreview);
        while (tried.Reservation is null && call.Body.WithFewerSearches() is { } fewer)
        {
            call.Body = fewer;
            tried = await TryFitAsync(call, caller, price, api, isPreview);
        }
        return tried;
    }

    private async ValueTask<(Reservation? Reservation, Refusal? Refusal)> TryFitAsync(
        CallContext call, Caller.User caller, PricedModel price, WireApi api, bool isPreview)
    {
        call.Bound = CostCalculator.Bound(price, call.Body, api) with { IsCountable = BillableContent.IsCountableInStream(call) };
        var day = DateOnly.FromDateTime(call.StartedAt.UtcDateTime);
        var (target, aborted) = (call.Target, call.Http.RequestAborted);
        var (first, then) = budgets.SourcesOf(caller.Spender, target);
        var scopes = budgets.ScopesOf(caller.Spender, target, first);
        var outcome = await TryAsync(scopes);
        if (outcome is ReserveOutcome.NoRoom no)
        {
            // The first budget is exhausted and nothing is reserved yet, so the second one is tried.
            outcome = then is null ? no : await TryAsync(budgets.ScopesOf(caller.Spender, target, then));
            if (outcome is ReserveOutcome.NoRoom other) return (null, await RefuseAsync(call, caller, scopes, no, other, aborted));
        }
        return (((ReserveOutcome.Reserved)outcome).Reservation, null);

        ValueTask<ReserveOutcome> TryAsync(IReadOnlyList<BudgetScope> from) => isPreview
            ? counter.PreviewAsync(call.Id, from, call.Bound, day, options.CurrentValue.HoldShare, aborted)
            : counter.ReserveAsync(call.Id, from, call.Bound, day, aborted);
    }

    private async ValueTask<Refusal> RefuseAsync(
        CallContext call, Caller.User caller, IReadOnlyList<BudgetScope> scopes, ReserveOutcome.NoRoom no, ReserveOutcome.NoRoom other,
        CancellationToken cancellationToken)
    {
        if (no.WaitingHelps || other.WaitingHelps) return Refusal.BudgetReserved(ReservedRetry);
        if (budgets.ForbiddingClass(caller.Email, call.Target) is { } taught) return Refusal.ModelNotAllowed(
            $"Your class \"{taught.Name}\" does not pay for {call.Target.Model}, and your own budget has no room for it.");
        return TooLarge(call.Bound, no.Scope) ?? TooLarge(call.Bound, other.Scope)
            ?? Spent(await LastToResetAsync(scopes, no.Scope, cancellationToken));
    }

    /// <summary>
    /// The refusal if the request is too large for the budget, rather than the budget spent: a real part of it is left, or the request
    /// does not even fit when nothing is spent, so waiting for the reset does not help.
    /// </summary>
    private static Refusal? TooLarge(CostBound bound, ScopeSpend spend)
    {
        var (cost, left) = (BudgetFit.LeastCost(bound), spend.Limit - spend.Spent);
        if (left <= PicoUsd.Zero || cost <= left) return null;
        if (cost <= spend.Limit && left.Value < spend.Limit.Value / SpentShare) return null;
        return Refusal.ReservationTooLarge(SpentMessage.TooLarge(spend.Scope, cost.ToUsd(), left.ToUsd()), cost.ToUsd(), left.ToUsd());
    }

    private async ValueTask<ScopeSpend> LastToResetAsync(
        IReadOnlyList<BudgetScope> scopes, ScopeSpend tightest, CancellationToken cancellationToken)
    {
        var last = tightest;
        foreach (var scope in scopes)
        {
            if (scope.Key == tightest.Scope.Key) continue;
            var spend = await counter.ReadAsync(scope, cancellationToken);
            if (spend.Spent >= spend.Limit && spend.ResetsOn() > last.ResetsOn()) last = spend;
        }
        return last;
    }

    private Refusal Spent(ScopeSpend spend)
    {
        var resetsAt = new DateTimeOffset(spend.ResetsOn(), TimeOnly.MinValue, TimeSpan.Zero);
        return Refusal.BudgetSpent(SpentMessage.Describe(spend), resetsAt, resetsAt - clock.GetUtcNow());
    }

    // The entry that goes to the ledger if this process crashes before settlement.
    private static LedgerEntry Draft(CallContext call, Caller.User caller, Reservation reservation) => new()
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
        App = caller.Allowance?.Origin,
        ApiKey = caller.Key?.Id,
        Cost = call.Bound.WhenLost(reservation.Amount),
        Estimated = true,
        TraceId = Activity.Current?.TraceId.ToString(),
    };

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "Cannot read spend from Postgres; refusing the call: {Why}")]
        public static partial void CounterUnreadable(ILogger logger, string why);
    }
}
