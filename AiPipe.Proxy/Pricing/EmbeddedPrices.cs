using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace AiPipe.Proxy.Pricing;

/// <summary>The price data that is part of this program: <c>Data/*.json</c>, each with the day it was taken.</summary>
internal static class EmbeddedPrices
{
    /// <summary>The tables of this build: <c>model-prices 2026-08-21, demo-prices …</c>.</summary>
    public static string Version => LazyVersion.Value;

    private static readonly Lazy<string> LazyVersion = new(() => string.Join(", ", Lists().Select(list => list.Version)));

    /// <summary>Our own lists, in order: the first that knows a model names its price.</summary>
    public static IReadOnlyList<(string Version, PriceFile File)> Lists() =>
        [List("model-prices"), List("demo-prices")];

    /// <summary>Names, families and price history from genai-prices.</summary>
    public static IReadOnlyList<FamilyProvider> Families() => Read("genai-prices-v2", ModelFamilyJson.Default.Providers);

    /// <summary>What models take and give at most, by provider and model (models.dev).</summary>
    public static Dictionary<string, Dictionary<string, ModelLimit>> Limits() => Read("model-limits", PriceFileJson.Default.Limits);

    /// <summary>Prices of service tiers, from OpenAI's pricing pages (named in the file).</summary>
    public static TierFile Tiers() => Read("service-tiers", PriceFileJson.Default.TierFile);

    private static (string Version, PriceFile File) List(string name)
    {
        var file = Read(name, PriceFileJson.Default.PriceFile);
        return ($"{name} {file.AsOf}", file);
    }

    private static T Read<T>(string name, JsonTypeInfo<T> type)
    {
        using var stream = typeof(EmbeddedPrices).Assembly.GetManifestResourceStream($"AiPipe.Proxy.Pricing.Data.{name}.json")
            ?? throw new InvalidOperationException($"The price data {name} is not part of this build.");
        return JsonSerializer.Deserialize(stream, type) ?? throw new InvalidOperationException($"The price data {name} is empty.");
    }
}
