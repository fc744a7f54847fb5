using AiPipe.Proxy.Apis.Responses;
using AiPipe.Proxy.Calls.Telemetry.Content;
using AiPipe.Proxy.Ledger;
using AiPipe.Proxy.Metering;
using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pricing;

namespace AiPipe.Proxy.Calls;

/// <summary>Watches the answer of one metered call: counts it as it passes, stops it where its money ends, settles it before its end.</summary>
internal sealed class CallMeter(CallContext call, CallSettlement settlement, CostLedger ledger)
{
    /// <summary>How many tokens pass between two marks in the journal: what a crash can cost us of a stream.</summary>
    private const int TokensPerMark = 64;

    private long _marked;

    /// <summary>
    /// Puts a metering stream between the provider's answer and the caller. A short answer that comes whole is held until it is settled, so
    /// that its headers tell its cost; of a stream nothing is.
    /// </summary>
    public async ValueTask WatchAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var response = call.Http.Response;
        if (!answer.IsSuccessStatusCode)
        {
            // Providers bill nothing for errors: that is all there is to wait for.
            await settlement.SettleAsync(call, complete: true);
            CostHeaders.Set(call, response);
            return;
        }
        var content = answer.Content;
        var reader = new SniffedUsageReader(call.Endpoint.Api, content.Headers.ContentType?.MediaType);
        call.UsageReader = reader;
        var (upstream, length) = await DecompressedResponse.OpenAsync(content, response.Headers, cancellationToken);
        if (call.Output is { } output) upstream = new CapturedStream(upstream, output);
        var hooks = new MeteringHooks(
            FirstByte: () => call.FirstByteAfter = call.Elapsed,
            IsSpent: IsSpent,
            Settle: complete => settlement.SettleAsync(call, complete),
            Ending: isStopped => Ending(reader, isStopped));
        var metered = new MeteringStream(upstream, reader, length, hooks);
        // Of what was asked for as a stream only that is no stream which says its length.
        var isWhole = !UsageReaders.IsEventStream(reader.MediaType) && (length is { } bytes ? bytes <= BufferedResponse.MostBytes : !call.Body.Streams);
        if (!isWhole) CostHeaders.Announce(response);
        Stream body = isWhole ? new BufferedResponse(metered, () => MustGoOn(reader), TellCost) : metered;
        if (CostHeaders.MakesChunks(response))
            body = new ChunkedResponse(body, () => CostHeaders.ComesInChunks(response), () => call.Cost is { } cost ? CostHeaders.Lines(cost) : default);
        answer.Content = new StreamContent(body);
    }

    /// <summary>An answer that is a stream after all, or slow: some providers send blanks so that nobody gives up while they think.</summary>
    private bool MustGoOn(SniffedUsageReader reader) =>
        UsageReaders.IsEventStream(reader.MediaType) || call.Elapsed - call.FirstByteAfter > BufferedResponse.Timeout;

    /// <summary>The answer begins.</summary>
    private void TellCost()
    {
        if (call.Cost is null) CostHeaders.Announce(call.Http.Response);
        else CostHeaders.Set(call, call.Http.Response);
    }

    private ReadOnlyMemory<byte> Ending(SniffedUsageReader reader, bool isStopped)
    {
        var words = isStopped ? StreamEnding.For(call.Endpoint.Api, reader.MediaType, reader.Facts, call.StartedAt) : default;
        // Where the answer announced its length, nothing may be added.
        return call.Cost is { } cost && UsageReaders.IsEventStream(reader.MediaType) && call.Http.Response.ContentLength is null
            ? (byte[])[.. words.Span, .. CostHeaders.Comment(cost)]
            : words;
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
