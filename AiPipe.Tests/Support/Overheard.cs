using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace AiPipe.Tests.Support;

/// <summary>Listens to every span and every measurement of this process for a word that must not be said.</summary>
internal sealed class Overheard : IDisposable
{
    private readonly string _word;
    private readonly ActivityListener _spans;
    private readonly MeterListener _metrics = new();

    public Overheard(string word)
    {
        _word = word;
        _spans = new ActivityListener
        {
            ShouldListenTo = static _ => true,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span => Hear(span.Source.Name,
                $"{span.DisplayName} {span.StatusDescription} {string.Join(' ', span.TagObjects)} {string.Join(' ', span.Baggage)} "
                    + $"{string.Join(' ', span.Events.Select(e => $"{e.Name} {string.Join(' ', e.Tags)}"))}"),
        };
        ActivitySource.AddActivityListener(_spans);
        _metrics.InstrumentPublished = static (instrument, listener) => listener.EnableMeasurementEvents(instrument);
        _metrics.SetMeasurementEventCallback<double>(Measure);
        _metrics.SetMeasurementEventCallback<long>(Measure);
        _metrics.SetMeasurementEventCallback<int>(Measure);
        _metrics.Start();
    }

    /// <summary>Whoever said anything: sources of spans, instruments.</summary>
    public ConcurrentDictionary<string, int> Speakers { get; } = new(StringComparer.Ordinal);

    /// <summary>What was said with the word in it.</summary>
    public ConcurrentQueue<string> Said { get; } = new();

    public void Dispose()
    {
        _spans.Dispose();
        _metrics.Dispose();
    }

    private void Measure<T>(Instrument instrument, T measured, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state) =>
        Hear(instrument.Name, string.Join(' ', tags.ToArray()));

    private void Hear(string speaker, string line)
    {
        Speakers.AddOrUpdate(speaker, 1, static (_, times) => times + 1);
        if (line.Contains(_word, StringComparison.OrdinalIgnoreCase)) Said.Enqueue($"{speaker}: {line}");
    }
}
