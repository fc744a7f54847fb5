using System.Collections.Concurrent;
using System.Collections.Frozen;
using AiPipe.Proxy.Providers;

namespace AiPipe.Proxy.Pricing;

/// <summary>
/// The administrator's overrides, then the embedded tables. Lookups are cached for one day, because prices change by date.
/// </summary>
/// <param name="current">Reads the current overrides, which are replaced as a whole.</param>
/// <param name="time">Its date decides which embedded prices apply.</param>
internal sealed class PriceTable(Func<OverriddenPrices> current, TimeProvider time)
{
    /// <summary>Callers choose the names, so the cache is bounded.</summary>
    private const int MaxRemembered = 4096;
    private const string OverrideVersion = "override";

    private static readonly Lazy<FrozenDictionary<string, ProviderPrices>> Embedded = new(ReadEmbedded);

    private readonly FrozenDictionary<string, ProviderPrices> _providers = Embedded.Value;
    private Remembered _remembered = new(default);

    private static FrozenDictionary<string, ProviderPrices> ReadEmbedded()
    {
        var (lists, families, limits, tiers) =
            (EmbeddedPrices.Lists(), EmbeddedPrices.Families(), EmbeddedPrices.Limits(), EmbeddedPrices.Tiers());
        return lists.SelectMany(list => list.File.Providers.Keys).Concat(KnownProviders.All.Select(static known => known.Name))
            .Distinct(StringComparer.Ordinal)
            .ToFrozenDictionary(name => name, name =>
                new ProviderPrices(lists, families, limits, tiers, name), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Returns the price of a model; <c>null</c> if it is unknown: the call is then refused.</summary>
    public PricedModel? Find(string provider, string model)
    {
        provider = KnownProviders.NameOf(provider);
        if (FindOverride(provider, model) is { } named) return named;
        if (!_providers.TryGetValue(provider, out var prices)) return null;

        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var remembered = _remembered;
        if (remembered.Day != today) _remembered = remembered = new Remembered(today);
        if (remembered.Models.TryGetValue((provider, model), out var found)) return found;

        var name = provider.Equals("gemini", StringComparison.OrdinalIgnoreCase) && model.StartsWith("models/", StringComparison.Ordinal)
            ? model[7..] : model;
        found = prices.Find(name, today);
        if (found is not null && remembered.Models.Count < MaxRemembered) remembered.Models.TryAdd((provider, model), found);
        return found;
    }

    /// <summary>The row of a model in our own lists, by its exact name; <c>null</c> = none.</summary>
    public (PriceRow Row, string Version)? FindRow(string provider, string model) =>
        _providers.GetValueOrDefault(KnownProviders.NameOf(provider))?.FindRow(model);

    /// <summary>The administrator's price, or <c>null</c>. It is also the reserved price: other tables do not raise it.</summary>
    public PricedModel? FindOverride(string provider, string model)
    {
        var overridden = current();
        if (overridden.Prices.Find(provider, model) is not { } price) return null;
        if (overridden.Models.TryGetValue((provider, model), out var named)) return named;
        var known = _providers.GetValueOrDefault(provider);
        var (stated, limit) = (overridden.Prices.FindLimit(provider, model), known?.LimitOf(model));
        named = new PricedModel(
            price, price, OverrideVersion, stated?.Output ?? ProviderPrices.Known(limit?.Output),
            stated?.Context ?? ProviderPrices.Known(limit?.Context))
        {
            Family = known?.FamilyOf(model),
            IsStatedFree = price.IsFree,
        };
        if (overridden.Models.Count < MaxRemembered) overridden.Models.TryAdd((provider, model), named);
        return named;
    }

    public IEnumerable<(string Provider, string Model, PricedModel Price, bool IsOverride)> All()
    {
        foreach (var (provider, model, _) in current().Prices.All)
            if (FindOverride(provider, model) is { } named) yield return (provider, model, named, true);
        foreach (var (provider, prices) in _providers)
            foreach (var model in prices.Models)
                if (FindOverride(provider, model) is null && Find(provider, model) is { } found) yield return (
                    provider, model, found, false);
    }

    public IEnumerable<string> OverriddenModelsOf(string provider) =>
        current().Prices.All.Where(named => named.Provider.Equals(provider, StringComparison.OrdinalIgnoreCase))
            .Select(named => named.Model);

    public IEnumerable<string> ModelsOf(string provider) => _providers.GetValueOrDefault(provider)?.Models ?? Enumerable.Empty<string>();

    private sealed record Remembered(DateOnly Day)
    {
        public ConcurrentDictionary<(string Provider, string Model), PricedModel> Models { get; } = new();
    }
}

/// <summary>The administrator's prices, with a cache of the models that were priced by them.</summary>
internal sealed record OverriddenPrices(PriceOverrides Prices)
{
    public ConcurrentDictionary<(string Provider, string Model), PricedModel> Models { get; } = new();
}
