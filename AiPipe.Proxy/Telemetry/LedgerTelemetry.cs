using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace AiPipe.Proxy.Telemetry;

/// <summary>How entries reach the ledger, and those that did so without their call.</summary>
internal static class LedgerTelemetry
{
    /// <summary>A group carries up to a thousand calls; collectors keep this many links by default.</summary>
    public const int MaxLinks = 128;

    private static readonly Counter<long> UnattributedEntries = AiPipeTelemetry.Meter.CreateCounter<long>(
        "aipipe.ledger.unattributed", "{entry}", "Calls booked from the counters, because their replica and its journal were lost.");

    private static readonly Histogram<double> WriteDuration = AiPipeTelemetry.Meter.CreateHistogram(
        "aipipe.ledger.write.duration", "s", "Duration of group writes to Postgres.", tags: null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10] });

    /// <summary>A call was booked at the cost that the counters had for it.</summary>
    /// <param name="settled">The call had ended; else it was in flight.</param>
    public static void Unattributed(bool settled) => UnattributedEntries.Add(1, new KeyValuePair<string, object?>("aipipe.call.settled", settled));

    /// <summary>The span that a group write should link to: the settlement that is under way; default where it is not recorded.</summary>
    public static ActivityContext Linked() =>
        AiPipeTelemetry.Source.HasListeners() && Activity.Current is { Recorded: true } settlement ? settlement.Context : default;

    /// <summary>Starts the span of a group write, a root of its own with links to the settlements in it; <c>null</c> where nothing listens.</summary>
    public static Activity? Write(int entries, IReadOnlyList<ActivityLink> links) =>
        AiPipeTelemetry.Source.StartActivity(ActivityKind.Internal, parentContext: default, links: links.Count > 0 ? [.. links] : null, name: "write ledger")
            ?.SetTag("aipipe.ledger.entries", entries);

    /// <summary>Records an attempt to write a group.</summary>
    /// <param name="duration">What it took.</param>
    /// <param name="error">The exception's type; <c>null</c> = it was written.</param>
    public static void Wrote(TimeSpan duration, string? error)
    {
        if (error is null) WriteDuration.Record(duration.TotalSeconds);
        else WriteDuration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>(AiPipeTelemetry.ErrorType, error));
    }
}
