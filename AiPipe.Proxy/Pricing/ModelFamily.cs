using System.Text.Json;
using System.Text.Json.Serialization;

namespace AiPipe.Proxy.Pricing;

internal sealed record FamilyProvider(string Id, IReadOnlyList<ModelFamily> Models);

/// <summary>A model with all of its names and its price history (https://github.com/pydantic/genai-prices, MIT).</summary>
internal sealed record ModelFamily(
    string Id,
    ModelMatch Match,
    [property: JsonConverter(typeof(DatedPricesConverter))] IReadOnlyList<DatedPrice> Prices)
{
    /// <summary>The price on a day; if it depends on the hour, the higher one. <c>null</c> = not priced by token.</summary>
    public Price? PriceOn(DateOnly day)
    {
        Price? price = null;
        foreach (var dated in Prices)
        {
            if (dated.Prices.ToPrice() is not { } next || dated.Constraint?.StartDate > day) continue;
            price = price is not null && dated.Constraint?.StartTime is not null ? Price.Dearest(price, next) : next;
        }
        return price;
    }
}

internal sealed record DatedPrice(PriceConstraint? Constraint, FamilyPrices Prices);

internal sealed record PriceConstraint(DateOnly? StartDate, string? StartTime, string? EndTime);

/// <summary>USD per million tokens, or per thousand searches and calls.</summary>
internal sealed record FamilyPrices
{
    public FamilyRate? InputMtok { get; init; }
    public FamilyRate? OutputMtok { get; init; }
    public FamilyRate? OutputReasoningMtok { get; init; }
    public FamilyRate? OutputCitationMtok { get; init; }
    public FamilyRate? CacheReadMtok { get; init; }
    public FamilyRate? CacheWriteMtok { get; init; }
    [JsonPropertyName("cache_write_1h_mtok")]
    public FamilyRate? CacheWrite1hMtok { get; init; }
    public FamilyRate? InputAudioMtok { get; init; }
    public FamilyRate? OutputAudioMtok { get; init; }
    public FamilyRate? CacheAudioReadMtok { get; init; }
    public FamilyRate? InputImageMtok { get; init; }
    public FamilyRate? OutputImageMtok { get; init; }
    public FamilyRate? CacheImageReadMtok { get; init; }
    public FamilyRate? InputVideoMtok { get; init; }
    public FamilyRate? OutputVideoMtok { get; init; }
    public decimal? WebSearchesKcount { get; init; }
    public decimal? RequestsKcount { get; init; }

    private IEnumerable<FamilyRate> Rates =>
        new[] { InputMtok, OutputMtok, CacheReadMtok, CacheWriteMtok, CacheWrite1hMtok }.OfType<FamilyRate>();

    public Price? ToPrice()
    {
        // No usage report separates video tokens, and ours has no citations: such a model has no price here.
        if (InputVideoMtok is not null || OutputVideoMtok is not null || OutputCitationMtok is not null) return null;
        var start = Rates.Min(rate => rate.Start);
        var row = Row(above: false);
        return (start is null ? row : row with { Above = Row(above: true) with { InputTokens = start } }).ToPrice();
    }

    private PriceRow Row(bool above)
    {
        decimal? At(FamilyRate? rate) => above ? rate?.Above ?? rate?.Base : rate?.Base;
        return new PriceRow
        {
            Input = At(InputMtok),
            // Reasoning is billed as output: at the higher of the two prices.
            Output = Price.Dearer(At(OutputMtok), At(OutputReasoningMtok)),
            CacheRead = At(CacheReadMtok),
            CacheWrite = At(CacheWriteMtok),
            CacheWrite1h = At(CacheWrite1hMtok),
            AudioInput = At(InputAudioMtok),
            AudioOutput = At(OutputAudioMtok),
            AudioCacheRead = At(CacheAudioReadMtok),
            ImageInput = At(InputImageMtok),
            ImageOutput = At(OutputImageMtok),
            ImageCacheRead = At(CacheImageReadMtok),
            WebSearch = WebSearchesKcount / 1000,
            Request = RequestsKcount / 1000,
        };
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(List<FamilyProvider>), TypeInfoPropertyName = "Providers")]
[JsonSerializable(typeof(List<DatedPrice>), TypeInfoPropertyName = "DatedPrices")]
internal sealed partial class ModelFamilyJson : JsonSerializerContext;

internal sealed class DatedPricesConverter : JsonConverter<IReadOnlyList<DatedPrice>>
{
    public override IReadOnlyList<DatedPrice> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.StartArray
            ? JsonSerializer.Deserialize(ref reader, ModelFamilyJson.Default.DatedPrices)!
            : [new DatedPrice(Constraint: null, JsonSerializer.Deserialize(ref reader, ModelFamilyJson.Default.FamilyPrices)!)];

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<DatedPrice> value, JsonSerializerOptions options) =>
        throw new NotSupportedException("Price data is only read.");
}
