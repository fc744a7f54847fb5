using System.Diagnostics;

namespace AiPipe.Tests.Fixtures.Otlp;

/// <summary>A span as a collector receives it. Ids are lower-case hexadecimal.</summary>
public sealed record ReceivedSpan
{
    /// <summary>The resource's <c>service.name</c>.</summary>
    public string Service { get; init; } = "";
    /// <summary>The name of the ActivitySource.</summary>
    public string Scope { get; init; } = "";
    public string Name { get; init; } = "";
    public string TraceId { get; init; } = "";
    public string SpanId { get; init; } = "";
    /// <summary>Empty for a root span.</summary>
    public string ParentId { get; init; } = "";
    public ActivityKind Kind { get; init; }
    public DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset EndedAt { get; init; }
    public bool IsError { get; init; }
    /// <summary>Values are <c>string</c>, <c>bool</c>, <c>long</c>, <c>double</c> or a list of them.</summary>
    public IReadOnlyDictionary<string, object?> Attributes { get; init; } = new Dictionary<string, object?>();
    public IReadOnlyList<ReceivedLink> Links { get; init; } = [];

    /// <summary>An attribute's value; <c>null</c> where the span does not have it.</summary>
    public object? this[string attribute] => Attributes.GetValueOrDefault(attribute);
}

/// <summary>A span's link to another span.</summary>
public sealed record ReceivedLink(string TraceId, string SpanId);

/// <summary>A data point of a metric.</summary>
public sealed record ReceivedPoint
{
    public string Service { get; init; } = "";
    public string Metric { get; init; } = "";
    public string Unit { get; init; } = "";
    public IReadOnlyDictionary<string, object?> Attributes { get; init; } = new Dictionary<string, object?>();
    /// <summary>The value of a counter or gauge, the sum of a histogram.</summary>
    public double Value { get; init; }
    /// <summary>How often a histogram was recorded.</summary>
    public long Count { get; init; }
    /// <summary>Upper bounds of a histogram's buckets.</summary>
    public IReadOnlyList<double> Bounds { get; init; } = [];
}

/// <summary>A log record. Its ids are empty where it was written outside of a trace.</summary>
public sealed record ReceivedLog
{
    public string Service { get; init; } = "";
    /// <summary>The logger's category.</summary>
    public string Scope { get; init; } = "";
    public string Body { get; init; } = "";
    public string Severity { get; init; } = "";
    public string TraceId { get; init; } = "";
    public string SpanId { get; init; } = "";
    public IReadOnlyDictionary<string, object?> Attributes { get; init; } = new Dictionary<string, object?>();
}
