using System.Collections.Frozen;

namespace AiPipe.Proxy.Pricing;

internal sealed class ProviderPrices(
    IReadOnlyList<(string Version, PriceFile File)> lists,
    IReadOnlyList<FamilyProvider> families,
    Dictionary<string, Dictionary<string, ModelLimit>> limits,
    TierFile tiers,
    string name)
{
    /// <summary>Each price in it has its own date.</summary>
    private const string FamilyVersion = "genai-prices-v2";

    private static readonly Dictionary<string, string> FamilyNames = new(StringComparer.Ordinal)
    {
        ["gemini"] = "google",
        ["xai"] = "x-ai",
        ["moonshot"] = "moonshotai",
    };

    private readonly FrozenDictionary<string, (Price Price, string Version)> _listed = Listed(lists, name);

    private readonly IReadOnlyList<ModelFamily> _families =
        families.FirstOrDefault(provider => provider.Id == FamilyNames.GetValueOrDefault(name, name))?.Models ?? [];

    private readonly Dictionary<string, ModelLimit> _limits =
        lists.Select(list => list.File.Limits).Append(limits).Select(all => all?.GetValueOrDefault(name))
            .OfType<Dictionary<string, ModelLimit>>()
            .SelectMany(models => models).ToDictionary(StringComparer.Ordinal);

    private readonly Dictionary<string, Dictionary<string, PriceRow>> _tiers = tiers.Providers.GetValueOrDefault(name) ?? [];

    /// <summary>The row of a model in our own lists, whatever it is priced by.</summary>
    public (PriceRow Row, string Version)? FindRow(string model)
    {
        foreach (var (version, file) in lists)
            if (file.Providers.GetValueOrDefault(name)?.GetValueOrDefault(model) is { } row) return (row, version);
        return null;
    }

    /// <summary>Exact names first, then a family's match rules; never by similarity.</summary>
    public PricedModel? Find(string model, DateOnly today)
    {
        var family = _families.FirstOrDefault(family => family.Match.Matches(model));
        var theirs = family?.PriceOn(today) is { IsFree: false } price ? price : null;
        (Price Price, string Version) ours;
        if (!_listed.TryGetValue(model, out ours) && !_listed.TryGetValue(WithoutSuffix(model), out ours)
            && (family is null || !_listed.TryGetValue(family.Id, out ours)))
        {
            if (theirs is null) return null;
            ours = (theirs, FamilyVersion);
        }
        // If both lists agree on the plain prices, they mean the same model, so theirs fills what ours omits (long inputs, audio).
        if (theirs is not null && theirs.Input == ours.Price.Input && theirs.Output == ours.Price.Output
            && ours.Price.CompletedBy(theirs) is var completed
            && completed != ours.Price)
        {
            ours = (completed, $"{ours.Version} + {FamilyVersion}");
        }
        var limit = LimitOf(model);
        return new PricedModel(
            Settle: ours.Price,
            Reserve: theirs is null ? ours.Price : Price.Dearest(ours.Price, theirs),
            ours.Version,
            MaxOutputTokens: Known(limit?.Output),
            ContextTokens: Known(limit?.Context))
        {
            Family = family?.Id,
            Tiers = TiersOf(model, ours.Price),
        };
    }

    /// <summary><c>ft:gpt-4o</c> of <c>ft:gpt-4o:school::id</c>: all models that are made from one have its price.</summary>
    private static string WithoutSuffix(string model) =>
        model.StartsWith("ft:", StringComparison.Ordinal) && ModelLimits.BaseOf(model) is { } basis ? "ft:" + basis : model;

    public IEnumerable<string> Models => _listed.Keys.Union(_families.Select(family => family.Id), StringComparer.Ordinal);

    public string? FamilyOf(string model) => _families.FirstOrDefault(family => family.Match.Matches(model))?.Id;

    /// <summary>The limits of a model by its name, its family, or the model that it is made from.</summary>
    public ModelLimit? LimitOf(string model)
    {
        if (_limits.TryGetValue(model, out var exact)) return exact;
        if (ModelLimits.Find(name, model) is { } ruled) return ruled;
        if (FamilyOf(model) is { } family && _limits.TryGetValue(family, out var shared)) return shared;
        return ModelLimits.BaseOf(model) is { } basis ? LimitOf(basis) : null;
    }

    /// <summary>Exact names only: some members of a family (chat, codex) have no tiers.</summary>
    private FrozenDictionary<string, Price> TiersOf(string model, Price standard)
    {
        var found = new Dictionary<string, Price>(StringComparer.OrdinalIgnoreCase);
        foreach (var (tier, models) in _tiers)
        {
            if (!models.TryGetValue(model, out var row)) continue;
            // Unlisted prices of the tier (audio, long contexts) are the standard price, or twice that if the tier is more expensive.
            var basis = row.Input > standard.Input ? standard.Times(2) : standard;
            found[tier] = row.ToPrice(basis)!;
        }
        return found.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Rows of zeros are models that are priced per piece or not at all; a missing price is not the price zero.</summary>
    private static FrozenDictionary<string,
        (Price Price, string Version)> Listed(IReadOnlyList<(string Version, PriceFile File)> lists, string name)
    {
        var found = new Dictionary<string, (Price, string)>(StringComparer.Ordinal);
        foreach (var (version, file) in lists)
            foreach (var (model, row) in file.Providers.GetValueOrDefault(name) ?? [])
                if (row.ToPrice() is { IsFree: false } price) found.TryAdd(model, (price, version));
        return found.ToFrozenDictionary(StringComparer.Ordinal);
    }

    public static long? Known(long? tokens) => tokens > 0 ? tokens : null;
}
