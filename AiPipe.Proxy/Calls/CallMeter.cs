using System.Buffers;
using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Apis.ResponseBody;
using AiPipe.Proxy.Calls.Redaction;
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

    private const int DrainBufferSize = 16 << 10;

    private long _marked;

    /// <summary>Meters an error: providers do not bill it, so its cost is known now.</summary>
    public async ValueTask RejectedAsync()
    {
        await settlement.SettleAsync(call, complete: true);
        CostHeaders.Set(call, call.Http.Response);
    }

    /// <summary>
    /// Meters a response as the caller reads it. A short one is buffered until it is settled, so that its headers contain its cost; a
    /// stream is never buffered.
    /// </summary>
    /// <param name="bytes">Its body.</param>
    /// <returns>The metered body, which outlives what the caller reads.</returns>
    public MeteringStream Watch(HttpResponseMessage answer, Stream bytes)
    {
        var response = call.Http.Response;
        var metered = Open(answer, bytes, out var reader, out var length, out var isDecoded);
        if (isDecoded) (response.Headers.ContentEncoding, response.Headers.ContentLength) = (default, null);
        // A response with a Content-Length is no stream, even if one was requested.
        var isWhole = !api.IsBinary(reader.MediaType) && !UsageReaders.IsEventStream(reader.MediaType)
            && (length is { } size ? size <= BufferedResponse.MostBytes : !call.Body.Streams);
        if (!isWhole) CostHeaders.Announce(response);
        Stream body = isWhole ? new BufferedResponse(metered, () => MustGoOn(reader), TellCost) : metered;
        if (call.RequestsUsage) body = new UsageEventFilter(body, () => UsageReaders.IsEventStream(reader.MediaType));
        if (CostHeaders.MakesChunks(response))
            body = new ChunkedResponse(
                body, () => CostHeaders.ComesInChunks(response), () => call.Cost is { } cost ? CostHeaders.Lines(cost) : default);
        answer.Content = new StreamContent(body);
        return metered;
    }

    /// <summary>Meters a response that the caller does not receive.</summary>
    public MeteringStream Open(HttpResponseMessage answer, Stream bytes) => Open(answer, bytes, out _, out _, out _);

    /// <summary>Reads a response, or the rest of one, until it is settled or ends.</summary>
    public static async Task DrainAsync(MeteringStream metered)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(DrainBufferSize);
        try
        {
            while (!metered.IsSettled && await metered.ReadAsync(buffer) > 0) { }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private MeteringStream Open(
        HttpResponseMessage answer, Stream bytes, out SniffedUsageReader reader, out long? length, out bool isDecoded)
    {
        var headers = answer.Content.Headers;
        var read = reader = new SniffedUsageReader(api, headers.ContentType?.MediaType);
        call.UsageReader = reader;
        var decoded = DecompressedResponse.Open(bytes, headers, out isDecoded);
        // Before anything reads it: the ledger and traces must not contain a key either.
        if (call.Redaction is { IsNeeded: true } redaction) decoded = new RedactedResponse(decoded, redaction);
        if (call.Output is { } output) decoded = new CapturedStream(decoded, output);
        length = isDecoded ? null : headers.ContentLength;
        return new MeteringStream(decoded, reader, length, new MeteringHooks(
            FirstByte: () => call.FirstByteAfter = call.Elapsed,
            IsSpent: IsSpent,
            Settle: complete => settlement.SettleAsync(call, complete),
            Ending: isStopped => Ending(read, isStopped)));
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
        if (call.Detached is not null) return default;
        var words = isStopped
            ? api.EndStream(UsageReaders.IsEventStream(reader.MediaType), reader.Facts, call.StartedAt)
            : default;
        // A response with an announced Content-Length must not grow.
        return call.Cost is { } cost && api.ClientsSkipComments && UsageReaders.IsEventStream(reader.MediaType)
            && call.Http.Response.ContentLength is null
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
        return call.IsStopped = cost > call.Reservation!.Amount;
    }
}
