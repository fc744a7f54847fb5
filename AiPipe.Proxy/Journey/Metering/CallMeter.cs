using AiPipe.Proxy.Journey.Pricing;
using AiPipe.Proxy.Journey.Recording;

namespace AiPipe.Proxy.Journey.Metering;

/// <summary>Watches the answer of one metered call: counts it as it passes, stops it where its money ends, settles it before its end.</summary>
internal sealed class CallMeter(GatewayCall call, CallSettlement settlement, CostLedger ledger)
{
    /// <summary>How many tokens pass between two marks in the journal: what a crash can cost us of a stream.</summary>
    private const int TokensPerMark = 64;

    private long _marked;

    /// <summary>Puts a metering stream between the provider's answer and the caller.</summary>
    public async ValueTask WatchAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var content = answer.Content;
        var reader = new SniffedUsageReader(call.Endpoint.Api, content.Headers.ContentType?.MediaType);
        call.UsageReader = reader;
        var (upstream, length) = await DecodedAnswer.OpenAsync(content, call.Http.Response.Headers, cancellationToken);
        var hooks = new MeteringHooks(
            FirstByte: () => call.FirstByteAfter = call.Elapsed,
            IsSpent: IsSpent,
            Settle: complete => settlement.SettleAsync(call, complete),
            Ending: () => StreamEnding.For(call.Endpoint.Api, reader.MediaType, reader.Facts, call.StartedAt));
        answer.Content = new StreamContent(new MeteringStream(upstream, reader, length, hooks));
    }

    /// <summary>
    /// True when what passed is worth more than what is held. The count errs on the low side, since the provider was given the
    /// limit and normally keeps it: this is the stop for those that do not.
    /// </summary>
    private bool IsSpent()
    {
        var tokens = call.UsageReader!.Output.TokensAtLeast;
        // The bound's price is for a token of every answer at once; what was counted is of one or another of them.
        var cost = call.Bound.Input + new PicoUsd((call.Bound.PerOutputToken * tokens).Value / call.Body.Answers);
        if (tokens - _marked >= TokensPerMark)
        {
            _marked = tokens;
            ledger.Mark(call.Id, PicoUsd.Min(cost, call.Reservation!.Amount));
        }
        return cost > call.Reservation!.Amount;
    }
}
