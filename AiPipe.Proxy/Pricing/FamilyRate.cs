using System.Text.Json;
using System.Text.Json.Serialization;

namespace AiPipe.Proxy.Pricing;

/// <summary>A rate in the format of genai-prices: a number, or a number with tiers by input size.</summary>
/// <param name="Base">The rate below every tier.</param>
/// <param name="Above">The rate of the most expensive tier.</param>
/// <param name="Start">The input size, in tokens, above which the first tier applies.</param>
[JsonConverter(typeof(FamilyRateConverter))]
internal sealed record FamilyRate(decimal Base, decimal? Above, long? Start);

internal sealed class FamilyRateConverter : JsonConverter<FamilyRate>
{
    public override FamilyRate Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Number) return new FamilyRate(reader.GetDecimal(), Above: null, Start: null);
        var json = JsonElement.ParseValue(ref reader);
        var tiers = json.GetProperty("tiers"u8).EnumerateArray().ToList();
        return new FamilyRate(
            json.GetProperty("base"u8).GetDecimal(),
            tiers.Max(tier => (decimal?)tier.GetProperty("price"u8).GetDecimal()),
            tiers.Min(tier => (long?)tier.GetProperty("start"u8).GetInt64()));
    }

    public override void Write(Utf8JsonWriter writer, FamilyRate value, JsonSerializerOptions options) =>
        throw new NotSupportedException("Price data is only read.");
}
