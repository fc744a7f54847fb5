using System.Collections.Frozen;

namespace AiPipe.Proxy.Pricing;

/// <summary>What the embedded tables know of one provider's models.</summary>
internal sealed class ProviderPrices(
    IReadOnlyList<(string Version, PriceFile File)> lists,
    IReadOnlyList<FamilyProvider> families,
    Dictionary<string, Dictionary<string, ModelLimit>> limits,
    TierFile tiers,
    string name)
{
    /// <summary>Its date is that of each price in it.</summary>
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
        lists.Select(list => list.File.Limits).Append(limits).Select(all => all?.GetValueOrDefault(name)).OfType<Dictionary<string, ModelLimit>>()
            .SelectMany(models => models).ToDictionary(StringComparer.Ordinal);

    private readonly Dictionary<string, Dictionary<string, PriceRow>> _tiers = tiers.Providers.GetValueOrDefault(name) ?? [];

    /// <summary>Exact names first; then the family that a name belongs to by its match rules; never a likeness.</summary>
    public PricedModel? Find(string model, DateOnly today)
    {
        var family = _families.FirstOrDefault(family => family.Match.Matches(model));
        var theirs = family?.PriceOn(today) is { IsFree: false } price ? price : null;
        (Price Price, string Version) ours;
        if (!_listed.TryGetValue(model, out ours) && (family is null || !_listed.TryGetValue(family.Id, out ours)))
        {
            if (theirs is null) return null;
            ours = (theirs, FamilyVersion);
        }
        // Lists that agree on the plain prices mean the same model: then what ours leaves out (long inputs, sound) is theirs to say.
        if (theirs is not null && theirs.Input == ours.Price.Input && theirs.Output == ours.Price.Output && ours.Price.CompletedBy(theirs) is var completed
            && completed != ours.Price)
        {
            ours = (completed, $"{ours.Version} + {FamilyVersion}");
        }
        var limit = _limits.GetValueOrDefault(model) ?? (family is null ? null : _limits.GetValueOrDefault(family.Id));
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

    /// <summary>The models that are listed by name; a family is listed by its own.</summary>
    public IEnumerable<string> Models => _listed.Keys.Union(_families.Select(family => family.Id), StringComparer.Ordinal);

    /// <summary>The name of the family that a model belongs to; <c>null</c> = none.</summary>
    public string? FamilyOf(string model) => _families.FirstOrDefault(family => family.Match.Matches(model))?.Id;

    /// <summary>The limits of exactly this model; <c>null</c> = not known.</summary>
    public ModelLimit? LimitOf(string model) => _limits.GetValueOrDefault(model);

    /// <summary>Only exact names: a family has members (chat, codex) that a tier is not sold for.</summary>
    private FrozenDictionary<string, Price> TiersOf(string model, Price standard)
    {
        var found = new Dictionary<string, Price>(StringComparer.OrdinalIgnoreCase);
        foreach (var (tier, models) in _tiers)
        {
            if (!models.TryGetValue(model, out var row)) continue;
            // What the tier does not list (sound, long contexts) costs the standard price, or twice that where the tier is dearer.
            var basis = row.Input > standard.Input ? standard.Times(2) : standard;
            found[tier] = row.ToPrice(basis)!;
        }
        return found.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Rows of zeros stand for models that are priced by the piece or not at all: no price is not the price zero.</summary>
    private static FrozenDictionary<string, (Price Price, string Version)> Listed(IReadOnlyList<(string Version, PriceFile File)> lists, string name)
    {
        var found = new Dictionary<string, (Price, string)>(StringComparer.Ordinal);
        foreach (var (version, file) in lists)
            foreach (var (model, row) in file.Providers.GetValueOrDefault(name) ?? [])
                if (row.ToPrice() is { IsFree: false } price) found.TryAdd(model, (price, version));
        return found.ToFrozenDictionary(StringComparer.Ordinal);
    }

    public static long? Known(long? tokens) => tokens > 0 ? tokens : null;
}
