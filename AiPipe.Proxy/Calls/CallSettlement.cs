using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Calls.Telemetry;
using AiPipe.Proxy.Calls.Telemetry.Content;
using AiPipe.Proxy.Ledger;
using AiPipe.Proxy.Ledger.Entries;
using AiPipe.Proxy.Metering;
using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pricing;
using AiPipe.Proxy.Routing;

namespace AiPipe.Proxy.Calls;

/// <summary>Ends a call's reservation exactly once: determines the cost and writes it to the ledger.</summary>
internal sealed partial class CallSettlement(CostLedger ledger, ChargedModels charged, ILogger<CallSettlement> logger)
{
    private const int ClientClosedRequest = 499;

    /// <summary>
    /// Settles a call. The first caller wins: the metering stream just before the response's end, otherwise the pipeline's <c>finally</c>.
    /// Does nothing without a reservation.
    /// </summary>
    public async ValueTask SettleAsync(CallContext call, bool complete)
    {
        if (call.Reservation is not { } reservation || !call.TryBeginSettlement()) return;
        using var span = StageSpans.Settle(call);
        // Settled before the forwarder reported who ended the call, or after an exception of ours.
        if (!complete && call is { Failure: null, Detached: null }
            && call.Http.RequestAborted.IsCancellationRequested) call.CallerDisconnected = true;
        if (complete && call.FirstByteAfter is not null) call.LastByteAfter = call.Elapsed;
        var entry = call.Draft!;
        try
        {
            entry = Entry(call, complete);
            charged.Note(call.Provider.Name, call.Body.Model, call.Price!, entry.Usage, entry.Cost);
        }
        finally
        {
            // Even if a bug prevented the true cost from being computed, the reservation must end.
            var month = await ledger.CloseAsync(reservation, entry);
            call.Cost = new CallCost(entry.Cost, MayHearOfMonth(call) ? month : null);
            ReservationMetrics.Settled(reservation.Amount);
        }
        UpstreamSpan.Settled(call, entry);
        ContentCapture.End(call);
        CallMetrics.Settled(call, entry);
    }

    private LedgerEntry Entry(CallContext call, bool complete)
    {
        var report = CheckedReport.Read(call);
        call.Usage = report.Usage;
        if (report.Implausible is { } why)
        {
            Log.Implausible(logger, call.Provider.Name, call.Id, why);
            CallMetrics.Implausible(call);
        }
        else if (IsUnbilledError(call)) call.Progress = UpstreamProgress.Rejected;
        var (receipt, estimated) = Bill(call, report, complete);
        var elapsed = call.Elapsed;
        return call.Draft! with
        {
            Kind = EntryKind.Call,
            Cost = receipt.Cost,
            Estimated = estimated,
            Usage = report.Usage,
            Receipt = receipt,
            Status = StatusOf(call, complete),
            LatencyMs = (call.Detached?.After ?? elapsed).TotalMilliseconds,
            FirstByteMs = call.FirstByteAfter?.TotalMilliseconds,
            Timeline = call.TimelineAt(elapsed),
            ResponseId = call.UsageReader?.Facts.Id,
        };
    }

    /// <summary>An app sees only its own allowance, and anonymous callers of a route do not see each other's spend.</summary>
    private static bool MayHearOfMonth(CallContext call) => call.Caller is Caller.User { Allowance: null, Budget: null };

    /// <summary>Lets a call outlive its request.</summary>
    public static void Detach(CallContext call) => call.Detached = new Detachment(
        call is { CallerDisconnected: false, Failure: { } failure, Http.Response.HasStarted: false }
            ? failure.Status : StatusOf(call, complete: false),
        call.Elapsed);

    private static int StatusOf(CallContext call, bool complete)
    {
        if (call.Detached is { } detached) return detached.Status;
        if (!complete && call.CallerDisconnected) return ClientClosedRequest;
        if (call.Refusal is { } refusal) return refusal.Status;
        // A response without a body starts only after its call is settled.
        var isEmpty = call.Progress == UpstreamProgress.Streaming
            && call.Http.Response.StatusCode is StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent;
        if (complete || isEmpty || call.Http.Response.HasStarted) return call.Http.Response.StatusCode;
        // The response was withheld for a fallback; or an exception occurred, for which UnexpectedErrors sets the status.
        return call is { Outcome: TargetOutcome.Answered { Status: >= 400 and var status } }
            ? status : StatusCodes.Status500InternalServerError;
    }

    /// <summary>
    /// True for an error that was sent with a status of success: without output, and without a report that it was billed.
    /// </summary>
    private static bool IsUnbilledError(CallContext call) => call.UsageReader is { SawError: true, Output.Events: 0 }
        && call.Usage is null or { Input: null or 0, Output: null or 0, ReportedCost: null or 0 };

    private static (Receipt Receipt, bool Estimated) Bill(CallContext call, CheckedReport report, bool complete)
    {
        var price = call.Price!;
        if (call.Progress is UpstreamProgress.NotSent or UpstreamProgress.Rejected) return (Nothing(price), Estimated: false);
        if (call.Progress == UpstreamProgress.Unreadable || report.Implausible is not null) return (Reserved(price, call), Estimated: true);

        var reader = call.UsageReader;
        var tier = reader?.Facts.ServiceTier;
        // Pieces are known once the response is whole.
        if (call.Body.Units is not null && price.Settle is { Units: not null } or { IsFree: true }
            && report.Usage is { } delivered && (complete || reader!.SawEnd))
            return (CostCalculator.Calculate(price, delivered with { Input = delivered.Input ?? 0, Output = delivered.Output ?? 0 }, tier),
                Estimated: false);
        if (report.Usage is { } usage && IsPriceable(usage))
        {
            // The operator's price takes precedence over the provider's cost.
            if (call.Routed?.Target.Options is { InputCost: not null } or { OutputCost: not null }
                && usage is { Input: not null, Output: not null }) usage = usage with { ReportedCost = null };
            if (complete || reader!.SawEnd) return (CostCalculator.Calculate(price, usage, tier), Estimated: false);
            if (call.IsStopped || !BillableContent.IsCountable(call, complete)) return (Reserved(price, call), Estimated: true);
            // A stream that broke off after a report: also charges what passed since.
            var soFar = usage with { Output = Math.Max(usage.Output ?? 0, reader.Output.TokensAtLeast) };
            return (AtMostHeld(CostCalculator.Calculate(price, soFar, tier), call), Estimated: true);
        }

        if (call.IsStopped || !BillableContent.IsCountable(call, complete)) return (Reserved(price, call), Estimated: true);
        // Without a report: the counted output and at least the input.
        var input = report.Usage?.Input ?? Math.Min(call.Body.InputTokensLikely, call.Body.InputTokensAtMost ?? long.MaxValue);
        var output = Math.Max(report.Usage?.Output ?? 0, reader?.Output.LikelyTokens ?? 0);
        // Anthropic's streams report their input, with its cached parts, when they begin.
        var counted = (report.Usage is { Input: not null } begun ? begun : new TokenUsage()) with { Input = input, Output = output };
        return (AtMostHeld(CostCalculator.Calculate(price, counted, tier ?? call.Body.ServiceTier), call), Estimated: true);
    }

    private static bool IsPriceable(TokenUsage usage) => usage.ReportedCost is not null || usage is { Input: not null, Output: not null };

    /// <summary>An estimate never exceeds the reservation: the caller does not pay for unknown usage.</summary>
    private static Receipt AtMostHeld(Receipt receipt, CallContext call) =>
        receipt with { Cost = PicoUsd.Min(receipt.Cost, call.Reservation!.Amount) };

    /// <summary>Charges the reservation, because the provider may bill hidden tokens.</summary>
    private static Receipt Reserved(PricedModel price, CallContext call)
    {
        var amount = call.Reservation!.Amount;
        return new(price.Version, [new ReceiptLine("reservation", 1, amount.ToUsd() * 1_000_000)], amount);
    }

    private static Receipt Nothing(PricedModel price) => new(price.Version, [], PicoUsd.Zero);

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning,
            Message = "The usage that {Provider} reported for call {Id} is implausible; charging the reservation: {Reason}")]
        public static partial void Implausible(ILogger logger, string provider, Guid id, string reason);
    }
}
