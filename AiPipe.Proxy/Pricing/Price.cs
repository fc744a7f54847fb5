namespace AiPipe.Proxy.Pricing;

/// <summary>
/// USD per million tokens, unless a member says otherwise. <c>null</c> = not listed: the highest plain rate of the same direction applies.
/// </summary>
internal sealed record Price
{
    public required decimal Input { get; init; }
    public required decimal Output { get; init; }
    public decimal? CacheRead { get; init; }
    public decimal? CacheWrite { get; init; }
    /// <summary>Cache entries with a lifetime of one hour (Anthropic).</summary>
    public decimal? CacheWrite1h { get; init; }
    public decimal? AudioInput { get; init; }
    public decimal? AudioOutput { get; init; }
    public decimal? AudioCacheRead { get; init; }
    public decimal? ImageInput { get; init; }
    public decimal? ImageOutput { get; init; }
    public decimal? ImageCacheRead { get; init; }
    public decimal? WebSearch { get; init; }
    /// <summary>USD per call of any size; <c>null</c> = none (Perplexity and some OpenRouter models have one).</summary>
    public decimal? Request { get; init; }
    /// <summary>The pieces of one call; <c>null</c> for a call that is billed by the token.</summary>
    public UnitPrice? Units { get; init; }
    /// <summary>Prices for all tokens of a call whose input exceeds <see cref="AboveInputTokens"/>.</summary>
    public Price? Above { get; init; }
    public long? AboveInputTokens { get; init; }

    public static readonly Price Free = new() { Input = 0, Output = 0, WebSearch = 0 };

    /// <summary>True if the model costs nothing at all: it stays usable over budget.</summary>
    public bool IsFree => Input == 0 && Output == 0 && (WebSearch ?? 0) == 0 && (AudioInput ?? 0) == 0 && (AudioOutput ?? 0) == 0
        && (ImageInput ?? 0) == 0 && (ImageOutput ?? 0) == 0 && (CacheWrite ?? 0) == 0 && (CacheRead ?? 0) == 0 && (Request ?? 0) == 0
        && (Units?.UsdPerMillion ?? 0) == 0
        && (Above?.IsFree ?? true);

    /// <summary>The highest price of any provider (https://ai.google.dev/gemini-api/docs/pricing, grounding: 35 USD per 1,000).</summary>
    private const decimal DearestWebSearch = 0.035m;

    public decimal SearchRate => WebSearch ?? (IsFree ? 0 : DearestWebSearch);

    public Price For(long inputTokens) => Above is not null && inputTokens > AboveInputTokens ? Above : this;

    /// <summary>Multiplies every price per token; searches and calls keep theirs.</summary>
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
        Above = Above ?? (other.Above is { } above
            ? above with { WebSearch = above.WebSearch ?? WebSearch, Request = above.Request ?? Request } : null),
        AboveInputTokens = AboveInputTokens ?? other.AboveInputTokens,
    };

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
        // No price already means DearestWebSearch (SearchRate): only a higher one replaces it.
        WebSearch = a.WebSearch is null && b.WebSearch is null or <= DearestWebSearch ? null : Dearer(a.WebSearch, b.WebSearch),
        Request = Dearer(a.Request, b.Request),
        Above = a.Above is null && b.Above is null ? null : Dearest(a.Above ?? a.Flat, b.Above ?? b.Flat),
        AboveInputTokens = a.AboveInputTokens is { } x && b.AboveInputTokens is { } y ? Math.Min(x, y) : a.AboveInputTokens
            ?? b.AboveInputTokens,
    };

    public static decimal? Dearer(decimal? a, decimal? b) => a is { } x && b is { } y ? Math.Max(x, y) : a ?? b;

    private Price Flat => this with { Above = null, AboveInputTokens = null };
}
