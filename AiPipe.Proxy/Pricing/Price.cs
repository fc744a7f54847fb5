namespace AiPipe.Proxy.Pricing;

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
    /// <summary>USD per call, whatever its size; <c>null</c> = nothing (Perplexity and some of OpenRouter's models have one).</summary>
    public decimal? Request { get; init; }
    /// <summary>The prices of a call whose input exceeds <see cref="AboveInputTokens"/>; all of its tokens are billed at them.</summary>
    public Price? Above { get; init; }
    /// <summary>The input size, in tokens, beyond which <see cref="Above"/> holds.</summary>
    public long? AboveInputTokens { get; init; }

    /// <summary>True when nothing that this model does costs anything: such a model stays usable over budget.</summary>
    public bool IsFree => Input == 0 && Output == 0 && (WebSearch ?? 0) == 0 && (AudioInput ?? 0) == 0 && (AudioOutput ?? 0) == 0
        && (ImageInput ?? 0) == 0 && (ImageOutput ?? 0) == 0 && (CacheWrite ?? 0) == 0 && (CacheRead ?? 0) == 0 && (Request ?? 0) == 0
        && (Above?.IsFree ?? true);

    /// <summary>
    /// What a search costs where its price is not listed: the dearest that any provider asks
    /// (https://ai.google.dev/gemini-api/docs/pricing, grounding: 35 USD per 1,000).
    /// </summary>
    private const decimal DearestWebSearch = 0.035m;

    /// <summary>USD per search, listed or not.</summary>
    public decimal SearchRate => WebSearch ?? (IsFree ? 0 : DearestWebSearch);

    /// <summary>The prices of a call with so many input tokens.</summary>
    public Price For(long inputTokens) => Above is not null && inputTokens > AboveInputTokens ? Above : this;

    /// <summary>Every price per token, times a factor; searches and calls keep theirs.</summary>
    public Price Times(decimal factor) => this with
    {
        Input = Input * factor,
        Output = Output * factor,
        CacheRead = CacheRead * factor,
        CacheWrite = CacheWrite * factor,
        CacheWrite1h = CacheWrite1h * factor,
        AudioInput = AudioInput * factor,
        AudioOutput = AudioOutput * factor,
        AudioCacheRead = AudioCacheRead * factor,
        ImageInput = ImageInput * factor,
        ImageOutput = ImageOutput * factor,
        ImageCacheRead = ImageCacheRead * factor,
        Above = Above?.Times(factor),
    };

    /// <summary>This price, with what it does not list taken from another list of the same model.</summary>
    public Price CompletedBy(Price other) => this with
    {
        CacheRead = CacheRead ?? other.CacheRead,
        CacheWrite = CacheWrite ?? other.CacheWrite,
        CacheWrite1h = CacheWrite1h ?? other.CacheWrite1h,
        AudioInput = AudioInput ?? other.AudioInput,
        AudioOutput = AudioOutput ?? other.AudioOutput,
        AudioCacheRead = AudioCacheRead ?? other.AudioCacheRead,
        ImageInput = ImageInput ?? other.ImageInput,
        ImageOutput = ImageOutput ?? other.ImageOutput,
        ImageCacheRead = ImageCacheRead ?? other.ImageCacheRead,
        WebSearch = WebSearch ?? other.WebSearch,
        Request = Request ?? other.Request,
        Above = Above ?? (other.Above is { } above ? above with { WebSearch = above.WebSearch ?? WebSearch, Request = above.Request ?? Request } : null),
        AboveInputTokens = AboveInputTokens ?? other.AboveInputTokens,
    };

    /// <summary>A price that is nowhere below either of the two.</summary>
    /// <param name="a">What is billed.</param>
    /// <param name="b">What another list says.</param>
    public static Price Dearest(Price a, Price b) => new()
    {
        Input = Math.Max(a.Input, b.Input),
        Output = Math.Max(a.Output, b.Output),
        CacheRead = Dearer(a.CacheRead, b.CacheRead),
        CacheWrite = Dearer(a.CacheWrite, b.CacheWrite),
        CacheWrite1h = Dearer(a.CacheWrite1h, b.CacheWrite1h),
        AudioInput = Dearer(a.AudioInput, b.AudioInput),
        AudioOutput = Dearer(a.AudioOutput, b.AudioOutput),
        AudioCacheRead = Dearer(a.AudioCacheRead, b.AudioCacheRead),
        ImageInput = Dearer(a.ImageInput, b.ImageInput),
        ImageOutput = Dearer(a.ImageOutput, b.ImageOutput),
        ImageCacheRead = Dearer(a.ImageCacheRead, b.ImageCacheRead),
        // No price counts as the dearest that anybody asks already (SearchRate): only a dearer one takes its place.
        WebSearch = a.WebSearch is null && b.WebSearch is null or <= DearestWebSearch ? null : Dearer(a.WebSearch, b.WebSearch),
        Request = Dearer(a.Request, b.Request),
        Above = a.Above is null && b.Above is null ? null : Dearest(a.Above ?? a.Flat, b.Above ?? b.Flat),
        AboveInputTokens = a.AboveInputTokens is { } x && b.AboveInputTokens is { } y ? Math.Min(x, y) : a.AboveInputTokens ?? b.AboveInputTokens,
    };

    public static decimal? Dearer(decimal? a, decimal? b) => a is { } x && b is { } y ? Math.Max(x, y) : a ?? b;

    private Price Flat => this with { Above = null, AboveInputTokens = null };
}
