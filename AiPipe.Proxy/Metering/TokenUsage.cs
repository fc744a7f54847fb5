namespace AiPipe.Proxy.Metering;

/// <summary>
/// What a provider reported that a call used. <c>null</c> means "not reported", which is different from zero.
/// Counts are normalised to one meaning whatever the provider's own: <see cref="Input"/> contains the cached tokens,
/// <see cref="Output"/> contains the reasoning tokens.
/// </summary>
internal sealed record TokenUsage
{
    /// <summary>All input tokens: fresh, cached, written to a cache, of any modality.</summary>
    public long? Input { get; init; }
    /// <summary>Of <see cref="Input"/>, those read from a cache.</summary>
    public long? CacheRead { get; init; }
    /// <summary>Of <see cref="Input"/>, those written to a cache (the one-hour ones included).</summary>
    public long? CacheWrite { get; init; }
    /// <summary>Of <see cref="CacheWrite"/>, those kept for an hour.</summary>
    public long? CacheWrite1h { get; init; }
    /// <summary>Of <see cref="Input"/>, audio tokens.</summary>
    public long? InputAudio { get; init; }
    /// <summary>Of <see cref="Input"/>, image tokens.</summary>
    public long? InputImage { get; init; }
    /// <summary>All output tokens, reasoning included, of any modality.</summary>
    public long? Output { get; init; }
    /// <summary>Of <see cref="Output"/>, reasoning tokens (billed as output; kept for the receipt and telemetry).</summary>
    public long? Reasoning { get; init; }
    /// <summary>Of <see cref="Output"/>, audio tokens.</summary>
    public long? OutputAudio { get; init; }
    /// <summary>Of <see cref="Output"/>, image tokens.</summary>
    public long? OutputImage { get; init; }
    /// <summary>Searches that the provider ran for this call.</summary>
    public long? WebSearches { get; init; }
    /// <summary>USD as the provider itself billed it (OpenRouter's <c>usage.cost</c>); it wins over any table.</summary>
    public decimal? ReportedCost { get; init; }
}
