using System.Diagnostics;
using System.Diagnostics.Metrics;
using AiPipe.ServiceDefaults;

namespace AiPipe.Proxy.Ledger;

/// <summary>Metrics and spans of the group writes to the ledger, and the metric of unattributed calls.</summary>
internal static class LedgerTelemetry
{
    /// <summary>The number of links that OpenTelemetry's exporters keep by default. A group write has up to a thousand calls.</summary>
    public const int MaxLinks = 128;

    private static readonly Counter<long> UnattributedEntries = AiPipeTelemetry.Meter.CreateCounter<long>(
        "aipipe.ledger.unattributed", "{entry}",
        "Calls charged with their cost in the counters, because their replica and its journal were lost.");

    private static readonly Histogram<double> WriteDuration = AiPipeTelemetry.Meter.CreateHistogram(
        "aipipe.ledger.write.duration", "s", "Duration of group writes to Postgres.", tags: null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10] });

    /// <summary>Counts a call that was charged with its cost in the counters.</summary>
    /// <param name="settled">True if the call had ended, false if it was in flight.</param>
    public static void Unattributed(bool settled) =>
        UnattributedEntries.Add(1, new KeyValuePair<string, object?>("aipipe.call.settled", settled));

    /// <summary>The current span of a settlement, to which the group write links; default if it is not recorded.</summary>
    public static ActivityContext Linked() =>
        AiPipeTelemetry.Source.HasListeners() && Activity.Current is { Recorded: true } settlement ? settlement.Context : default;

    /// <summary>Starts the root span of a group write, with links to its settlements; <c>null</c> without a listener.</summary>
    public static Activity? Write(int entries, IReadOnlyList<ActivityLink> links)
    {
        ActivityLink[]? linked = links.Count > 0 ? [.. links] : null;
        var span = AiPipeTelemetry.Source.StartActivity(
            ActivityKind.Internal, parentContext: default, links: linked, name: "write ledger");
        return span?.SetTag("aipipe.ledger.entries", entries);
    }

    /// <summary>Records an attempt to write a group.</summary>
    /// <param name="duration">The duration of the attempt.</param>
    /// <param name="error">The exception's type; <c>null</c> if the write succeeded.</param>
    public static void Wrote(TimeSpan duration, string? error)
    {
        if (error is null) WriteDuration.Record(duration.TotalSeconds);
        else WriteDuration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>(AiPipeTelemetry.ErrorType, error));
    }
}
