namespace AiPipe.Proxy.Journey.Pricing;

/// <summary>
/// What a model costs, in USD per million tokens unless a member says otherwise. <c>null</c> means that the price list has no
/// such price: the calculator then falls back to the dearest plain rate of the same direction, never to zero.
/// </summary>
internal sealed record Price
{
    /// <summary>Uncached text input.</summary>
    public required decimal Input { get; init; }
    /// <summary>Text output, reasoning included.</summary>
    public required decimal Output { get; init; }
    public decimal? CacheRead { get; init; }
    public decimal? CacheWrite { get; init; }
    /// <summary>Cache entries kept for an hour (Anthropic).</summary>
    public decimal? CacheWrite1h { get; init; }
    public decimal? AudioInput { get; init; }
    public decimal? AudioOutput { get; init; }
    public decimal? AudioCacheRead { get; init; }
    public decimal? ImageInput { get; init; }
    public decimal? ImageOutput { get; init; }
    public decimal? ImageCacheRead { get; init; }
    /// <summary>USD per search that the provider ran.</summary>
    public decimal? WebSearch { get; init; }
    /// <summary>The prices of a call whose input exceeds <see cref="AboveInputTokens"/>; all of its tokens are billed at them.</summary>
    public Price? Above { get; init; }
    /// <summary>The input size, in tokens, beyond which <see cref="Above"/> holds.</summary>
    public long? AboveInputTokens { get; init; }

    /// <summary>True when nothing that this model does costs anything: such a model stays usable over budget.</summary>
    public bool IsFree => Input == 0 && Output == 0 && (WebSearch ?? 0) == 0 && (AudioInput ?? 0) == 0 && (AudioOutput ?? 0) == 0
        && (ImageInput ?? 0) == 0 && (ImageOutput ?? 0) == 0 && (CacheWrite ?? 0) == 0 && (Above?.IsFree ?? true);
}

/// <summary>A model as the price lists know it.</summary>
/// <param name="Settle">The price that the finished call is billed at.</param>
/// <param name="Reserve">The dearest price that any of our tables gives: what a call is held at before it leaves.</param>
/// <param name="Version">Which table and of which day, as it stands in the receipt: <c>model-prices 2026-08-21</c>.</param>
/// <param name="MaxOutputTokens">The most that the model can answer, where known.</param>
/// <param name="ContextTokens">The most that the model can read, where known.</param>
internal sealed record PricedModel(Price Settle, Price Reserve, string Version, long? MaxOutputTokens, long? ContextTokens);
