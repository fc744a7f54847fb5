using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Apis.ResponseBody;
using AiPipe.Proxy.Calls.Telemetry.Content;
using AiPipe.Proxy.Ledger;
using AiPipe.Proxy.Metering;
using AiPipe.Proxy.Money;

namespace AiPipe.Proxy.Calls;

/// <summary>Meters the response of one call, stops it when its reservation is used up, and settles it before its end.</summary>
internal sealed class CallMeter(CallContext call, WireApi api, CallSettlement settlement, CostLedger ledger)
{
    /// <summary>Tokens between two marks in the journal; bounds the cost of a stream that a crash loses.</summary>
    private const int TokensPerMark = 64;

    private long _marked;

    /// <summary>
    /// A short response is buffered until it is settled, so that its headers contain its cost; a stream is never buffered.
    /// </summary>
    public async ValueTask WatchAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var response = call.Http.Response;
        if (!answer.IsSuccessStatusCode)
        {
            // Providers do not bill errors, so the cost is known now.
            await settlement.SettleAsync(call, complete: true);
            CostHeaders.Set(call, response);
            return;
        }
        var content = answer.Content;
        var reader = new SniffedUsageReader(api, content.Headers.ContentType?.MediaType);
        call.UsageReader = reader;
        var (upstream, length) = await DecompressedResponse.OpenAsync(content, response.Headers, cancellationToken);
        if (call.Output is { } output) upstream = new CapturedStream(upstream, output);
        var hooks = new MeteringHooks(
            FirstByte: () => call.FirstByteAfter = call.Elapsed,
            IsSpent: IsSpent,
            Settle: complete => settlement.SettleAsync(call, complete),
            Ending: isStopped => Ending(reader, isStopped));
        var metered = new MeteringStream(upstream, reader, length, hooks);
        // A response with a Content-Length is no stream, even if one was requested.
        var isWhole = !UsageReaders.IsEventStream(reader.MediaType)
            && (length is { } bytes ? bytes <= BufferedResponse.MostBytes : !call.Body.Streams);
        if (!isWhole) CostHeaders.Announce(response);
        Stream body = isWhole ? new BufferedResponse(metered, () => MustGoOn(reader), TellCost) : metered;
        if (CostHeaders.MakesChunks(response))
            body = new ChunkedResponse(
                body, () => CostHeaders.ComesInChunks(response), () => call.Cost is { } cost ? CostHeaders.Lines(cost) : default);
        answer.Content = new StreamContent(body);
    }

    /// <summary>True for a stream, or a slow response: some providers send whitespace as keep-alive while the model works.</summary>
    private bool MustGoOn(SniffedUsageReader reader) =>
        UsageReaders.IsEventStream(reader.MediaType) || call.Elapsed - call.FirstByteAfter > BufferedResponse.Timeout;

    private void TellCost()
    {
        if (call.Cost is null) CostHeaders.Announce(call.Http.Response);
        else CostHeaders.Set(call, call.Http.Response);
    }

    private ReadOnlyMemory<byte> Ending(SniffedUsageReader reader, bool isStopped)
    {
        var words = isStopped
            ? api.EndStream(UsageReaders.IsEventStream(reader.MediaType), reader.Facts, call.StartedAt)
            : default;
        // A response with an announced Content-Length must not grow.
        return call.Cost is { } cost && UsageReaders.IsEventStream(reader.MediaType) && call.Http.Response.ContentLength is null
            ? (byte[])[.. words.Span, .. CostHeaders.Comment(cost)]
            : words;
    }

    /// <summary>
    /// True if the counted output, a lower bound, costs more than the reservation: stops providers that ignore the limit in the request.
    /// </summary>
    private bool IsSpent()
    {
        var tokens = call.UsageReader!.Output.TokensAtLeast;
        // The bound's price covers one token in every choice; a counted token is in only one of them.
        var cost = call.Bound.Input + new PicoUsd((call.Bound.PerOutputToken * tokens).Value / call.Body.Answers);
        if (tokens - _marked >= TokensPerMark)
        {
            _marked = tokens;
            ledger.Mark(call.Id, PicoUsd.Min(cost, call.Reservation!.Amount));
        }
        return cost > call.Reservation!.Amount;
    }
}
