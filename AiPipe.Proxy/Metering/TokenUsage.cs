namespace AiPipe.Proxy.Metering;

/// <summary>
/// The usage that a provider reported, normalised; <c>null</c> means "not reported", which differs from zero. Input includes cached tokens,
/// output includes reasoning tokens.
/// </summary>
internal sealed record TokenUsage
{
    public long? Input { get; init; }
    /// <summary>Part of <see cref="Input"/>.</summary>
    public long? CacheRead { get; init; }
    /// <summary>Part of <see cref="Input"/>; includes <see cref="CacheWrite1h"/>.</summary>
    public long? CacheWrite { get; init; }
    /// <summary>Cache writes with a lifetime of one hour; part of <see cref="CacheWrite"/>.</summary>
    public long? CacheWrite1h { get; init; }
    public long? InputAudio { get; init; }
    public long? InputImage { get; init; }
    public long? Output { get; init; }
    /// <summary>Part of <see cref="Output"/> and billed as such.</summary>
    public long? Reasoning { get; init; }
    public long? OutputAudio { get; init; }
    public long? OutputImage { get; init; }
    public long? WebSearches { get; init; }
    /// <summary>Delivered pieces, for a model that is priced by the piece: images.</summary>
    public long? Units { get; init; }
    /// <summary>USD billed by the provider (OpenRouter's <c>usage.cost</c>); takes precedence over the price tables.</summary>
    public decimal? ReportedCost { get; init; }
}
