using System.Diagnostics;
using System.Diagnostics.Metrics;
using AiPipe.Proxy.Ledger.Entries;
using AiPipe.ServiceDefaults;

namespace AiPipe.Proxy.Calls.Telemetry;

/// <summary>OpenTelemetry's GenAI metrics and the cost. Tag values are bounded: models as in the price tables, and no users.</summary>
internal static class CallMetrics
{
    // The buckets that the conventions recommend.
    private static readonly InstrumentAdvice<double> Seconds =
        new() { HistogramBucketBoundaries = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92] };
    private static readonly InstrumentAdvice<long> TokenCounts =
        new() { HistogramBucketBoundaries = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864] };

    private static readonly Histogram<double> Duration = AiPipeTelemetry.Meter.CreateHistogram(
        "gen_ai.client.operation.duration", "s", "Time from a call's arrival to its settlement.", tags: null, Seconds);
    private static readonly Histogram<double> FirstChunk = AiPipeTelemetry.Meter.CreateHistogram(
        "gen_ai.client.operation.time_to_first_chunk", "s", "Time from a call's arrival to the first chunk of its stream.",
        tags: null, Seconds);
    private static readonly Histogram<long> Tokens = AiPipeTelemetry.Meter.CreateHistogram(
        "gen_ai.client.token.usage", "{token}", "Tokens of a call.", tags: null, TokenCounts);
    private static readonly Counter<long> Cost = AiPipeTelemetry.Meter.CreateCounter<long>(
        "aipipe.cost", "{pUSD}", "Cost of calls in pico-USD (10⁻¹² USD).");

    private static readonly Counter<long> ImplausibleReports = AiPipeTelemetry.Meter.CreateCounter<long>(
        "aipipe.usage.implausible", "{report}", "Implausible usage reports from providers.");

    public static void Implausible(CallContext call) => ImplausibleReports.Add(
        1, new KeyValuePair<string, object?>("gen_ai.provider.name", call.Provider.TelemetryName));

    public static void Settled(CallContext call, LedgerEntry entry)
    {
        if (!Cost.Enabled) return;
        var tags = new TagList
        {
            { "gen_ai.operation.name", call.Endpoint.Operation },
            { "gen_ai.provider.name", call.Provider.TelemetryName },
            // A price without a family applies to one exact name, in any case.
            { "gen_ai.request.model", call.Price?.Family ?? call.Body.Model.ToLowerInvariant() },
        };
        Cost.Add(entry.Cost.Value, tags);
        RecordTokens("input", entry.Usage?.Input, tags);
        RecordTokens("output", entry.Usage?.Output, tags);
        if (call.Body.Streams && call.FirstByteAfter is { } first) FirstChunk.Record(first.TotalSeconds, tags);
        if (UpstreamSpan.ErrorOf(call, entry.Status) is { } error) tags.Add(AiPipeTelemetry.ErrorType, error);
        Duration.Record(call.Elapsed.TotalSeconds, tags);
    }

    private static void RecordTokens(string type, long? count, TagList tags)
    {
        if (count is not { } tokens) return;
        tags.Add("gen_ai.token.type", type);
        Tokens.Record(tokens, tags);
    }
}
