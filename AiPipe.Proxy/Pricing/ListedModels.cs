using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AiPipe.Proxy.Pricing;

/// <summary>
/// The model list of a provider that publishes its prices: USD per token, as strings
/// (https://openrouter.ai/docs/api-reference/list-available-models).
/// </summary>
internal static class ListedModels
{
    private const decimal Million = 1_000_000;

    /// <summary>Parses a list. Models with a price that is negative (routers) or not a number are skipped.</summary>
    public static FrozenDictionary<string, PricedModel> Read(ReadOnlySpan<byte> json, string version)
    {
        var list = JsonSerializer.Deserialize(json, ListedModelsJson.Default.ModelList);
        var found = new Dictionary<string, PricedModel>(StringComparer.Ordinal);
        foreach (var model in list?.Data ?? throw new JsonException("The list has no data."))
        {
            if (model.Id is not { } id || PriceOf(model.Pricing) is not { } price) continue;
            found[id] = new PricedModel(price, price, version, Known(model.TopProvider?.MaxCompletionTokens), Known(model.ContextLength));
        }
        return found.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static Price? PriceOf(Dictionary<string, JsonElement>? pricing)
    {
        if (pricing is null || Usd(pricing, "prompt") is not { } input || Usd(pricing, "completion") is not { } output) return null;
        return new Price
        {
            Input = input * Million,
            Output = Math.Max(output, Usd(pricing, "internal_reasoning") ?? 0) * Million,
            CacheRead = Usd(pricing, "input_cache_read") * Million,
            CacheWrite = Usd(pricing, "input_cache_write") * Million,
            AudioInput = Usd(pricing, "audio") * Million,
            WebSearch = Usd(pricing, "web_search"),
            Request = Usd(pricing, "request"),
        };
    }

    private static decimal? Usd(Dictionary<string, JsonElement> pricing, string field)
    {
        if (!pricing.TryGetValue(field, out var value)
            || value.ValueKind is not (JsonValueKind.String or JsonValueKind.Number)) return null;
        var text = value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText();
        // More than one USD per token is invalid; the limit also keeps sums in range.
        return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var usd) && usd is >= 0 and <= 1 ? usd : null;
    }

    private static long? Known(long? tokens) => tokens > 0 ? tokens : null;

    internal sealed record ModelList(List<ListedModel>? Data);

    internal sealed record ListedModel(string? Id, long? ContextLength, Dictionary<string, JsonElement>? Pricing, TopProvider? TopProvider);

    internal sealed record TopProvider(long? MaxCompletionTokens);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ListedModels.ModelList))]
internal sealed partial class ListedModelsJson : JsonSerializerContext;
