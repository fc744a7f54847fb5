namespace AiPipe.Proxy.Settings;

/// <summary>Restores the secrets of a document that was shown with masks.</summary>
internal sealed class MaskedSecretResolver(SettingPath path, SettingNode? before)
{
    private readonly IReadOnlyList<Secret> _kept = before is null ? [] : SecretPlaces.In(path, before);

    public IReadOnlyList<string> Texts => [.. _kept.Select(secret => secret.Text)];

    /// <summary>
    /// Replaces masks with the current secrets. Short secrets share one mask: a mask is resolved at its old place or if only one secret
    /// can match, and never for another recipient.
    /// </summary>
    /// <exception cref="FormatException">A mask matches no current secret, or several. Names its place, not its text.</exception>
    public SettingNode Unmask(SettingNode document)
    {
        var hidden = SecretPlaces.In(path, document).Where(secret => secret.IsHidden).ToList();
        if (hidden.Count == 0) return document;
        var found = AtHome(hidden, isAlone: IsAlone(document) && before is not null && IsAlone(before));
        foreach (var secret in hidden.Where(secret => !found.ContainsKey(secret.Path))) found.Add(
            secret.Path, Elsewhere(secret, found.Values));
        return SecretPlaces.Map(path, document, secret => found.TryGetValue(secret.Path, out var kept) ? kept.Text : secret.Text);
    }

    /// <summary>Matches masks at their old places. Equal masks are matched in order, if none was removed.</summary>
    private Dictionary<string, Secret> AtHome(List<Secret> hidden, bool isAlone)
    {
        (string Owner, string Field, string Look) PlaceOf(Secret secret, string look) =>
            (isAlone ? secret.Recipient : secret.Owner, secret.Field, look);
        var kept = _kept.ToLookup(secret => PlaceOf(secret, secret.Look));
        return hidden.GroupBy(secret => PlaceOf(secret, secret.Text))
            .Where(place => place.Count() == kept[place.Key].Count())
            .SelectMany(place => place.Zip(kept[place.Key]))
            .ToDictionary(pair => pair.First.Path, pair => pair.Second, StringComparer.Ordinal);
    }

    private Secret Elsewhere(Secret hidden, IReadOnlyCollection<Secret> taken)
    {
        var alike = _kept.Where(secret => secret.Look == hidden.Text).ToList();
        var own = alike.FindAll(secret => secret.Recipient == hidden.Recipient);
        if (own.DistinctBy(secret => secret.Text, StringComparer.Ordinal)
            .Count() == 1 && own.Find(secret => !taken.Contains(secret)) is { } only) return only;
        throw new FormatException(
            hidden.Path + (alike.Count == 0 || own.Exists(taken.Contains)
            ? " has a hidden value, which stands for no key that is kept: give the key itself, or leave it out."
            : own.Count == 0 ? " has a hidden value, which was given for another provider or address: give it anew for this one."
            : " has a hidden value, which may stand for any of several: give it anew."));
    }

    /// <summary>A route's only target keeps its identity when its model changes.</summary>
    private static bool IsAlone(SettingNode document) => document.GetSection("Targets").GetChildren().Take(2).Count() == 1;
}
