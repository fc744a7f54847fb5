using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace AiPipe.Proxy.Pricing;

/// <summary>The embedded price data, <c>Data/*.json</c>; every file has the date of its source.</summary>
internal static class EmbeddedPrices
{
    /// <summary>The versions of the tables: <c>model-prices 2026-08-21, demo-prices …</c>.</summary>
    public static string Version => LazyVersion.Value;

    private static readonly Lazy<string> LazyVersion = new(() => string.Join(", ", Lists().Select(list => list.Version)));

    /// <summary>Our own lists, in order of precedence.</summary>
    public static IReadOnlyList<(string Version, PriceFile File)> Lists() =>
        [List("model-prices"), List("demo-prices")];

    public static IReadOnlyList<FamilyProvider> Families() => Read("genai-prices-v2", ModelFamilyJson.Default.Providers);

    /// <summary>Context and output limits by provider and model (models.dev).</summary>
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
