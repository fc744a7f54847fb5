using System.Diagnostics;
using System.Diagnostics.Metrics;
using AiPipe.ServiceDefaults;

namespace AiPipe.Proxy.Ledger;

internal static class LedgerTelemetry
{
    /// <summary>The default limit of OpenTelemetry's exporters; a group write has up to a thousand calls.</summary>
    public const int MaxLinks = 128;

    private static readonly Counter<long> UnattributedEntries = AiPipeTelemetry.Meter.CreateCounter<long>(
        "aipipe.ledger.unattributed", "{entry}",
        "Calls charged with their cost in the counters, because their replica and its journal were lost.");

    private static readonly Histogram<double> WriteDuration = AiPipeTelemetry.Meter.CreateHistogram(
        "aipipe.ledger.write.duration", "s", "Duration of group writes to Postgres.", tags: null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10] });

    public static void Unattributed(bool settled) =>
        UnattributedEntries.Add(1, new KeyValuePair<string, object?>("aipipe.call.settled", settled));

    /// <summary>The current span of a settlement, to which the group write links; default if it is not recorded.</summary>
    public static ActivityContext Linked() =>
        AiPipeTelemetry.Source.HasListeners() && Activity.Current is { Recorded: true } settlement ? settlement.Context : default;

    public static Activity? Write(int entries, IReadOnlyList<ActivityLink> links)
    {
        ActivityLink[]? linked = links.Count > 0 ? [.. links] : null;
        var span = AiPipeTelemetry.Source.StartActivity(
            ActivityKind.Internal, parentContext: default, links: linked, name: "write ledger");
        return span?.SetTag("aipipe.ledger.entries", entries);
    }

    public static void Wrote(TimeSpan duration, string? error)
    {
        if (error is null) WriteDuration.Record(duration.TotalSeconds);
        else WriteDuration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>(AiPipeTelemetry.ErrorType, error));
    }
}
