using System.Text.Json.Serialization;

namespace AiPipe.Proxy.Pricing;

/// <summary>A model's prices in our own files: USD per million tokens, per search, per call; absent = not listed.</summary>
internal sealed record PriceRow
{
    public decimal? Input { get; init; }
    public decimal? Output { get; init; }
    public decimal? CacheRead { get; init; }
    public decimal? CacheWrite { get; init; }
    public decimal? CacheWrite1h { get; init; }
    public decimal? AudioInput { get; init; }
    public decimal? AudioOutput { get; init; }
    public decimal? AudioCacheRead { get; init; }
    public decimal? ImageInput { get; init; }
    public decimal? ImageOutput { get; init; }
    public decimal? ImageCacheRead { get; init; }
    public decimal? WebSearch { get; init; }
    public decimal? Request { get; init; }
    /// <summary>Per million characters of the input.</summary>
    public decimal? InputCharacters { get; init; }
    /// <summary>USD per image, by <c>quality/size</c>.</summary>
    public Dictionary<string, decimal>? Image { get; init; }
    public PriceRow? Above { get; init; }
    /// <summary>Only in <see cref="Above"/>: its threshold.</summary>
    public long? InputTokens { get; init; }

    /// <summary>The price; <c>null</c> for models that are not priced by token (images per piece, audio per minute).</summary>
    public Price? ToPrice(Price? basis = null)
    {
        if ((Input ?? basis?.Input) is not { } input) return null;
        // An embedding model lists no output. If one does return tokens, they are not free.
        var output = Output ?? basis?.Output ?? (ImageOutput is null && AudioOutput is null ? input : null);
        if (output is null) return null;
        var price = new Price
        {
            Input = input,
            Output = output.Value,
            CacheRead = CacheRead ?? basis?.CacheRead,
            CacheWrite = CacheWrite ?? basis?.CacheWrite,
            CacheWrite1h = CacheWrite1h ?? basis?.CacheWrite1h,
            AudioInput = AudioInput ?? basis?.AudioInput,
            AudioOutput = AudioOutput ?? basis?.AudioOutput,
            AudioCacheRead = AudioCacheRead ?? basis?.AudioCacheRead,
            ImageInput = ImageInput ?? basis?.ImageInput,
            ImageOutput = ImageOutput ?? basis?.ImageOutput,
            ImageCacheRead = ImageCacheRead ?? basis?.ImageCacheRead,
            WebSearch = WebSearch ?? basis?.WebSearch,
            Request = Request ?? basis?.Request,
            Above = basis?.Above,
            AboveInputTokens = basis?.AboveInputTokens,
        };
        return Above is { InputTokens: { } start } ? price with { Above = Above.ToPrice(price), AboveInputTokens = start } : price;
    }
}

/// <summary>One of our own price files: provider → model → prices, and limits for some models.</summary>
internal sealed record PriceFile(
    string AsOf,
    Dictionary<string, Dictionary<string, PriceRow>> Providers,
    Dictionary<string, Dictionary<string, ModelLimit>>? Limits);

/// <summary>Service tiers: provider → tier → model → prices.</summary>
internal sealed record TierFile(Dictionary<string, Dictionary<string, Dictionary<string, PriceRow>>> Providers);

/// <summary>Context and output limits in tokens; 0 or absent = unknown.</summary>
internal sealed record ModelLimit(long? Context, long? Output);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PriceFile))]
[JsonSerializable(typeof(TierFile))]
[JsonSerializable(typeof(Dictionary<string, Dictionary<string, ModelLimit>>), TypeInfoPropertyName = "Limits")]
internal sealed partial class PriceFileJson : JsonSerializerContext;
