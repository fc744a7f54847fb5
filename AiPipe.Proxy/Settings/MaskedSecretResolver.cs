namespace AiPipe.Proxy.Settings;

/// <summary>The secrets that a document has, which somebody who sends it back has seen hidden only.</summary>
/// <param name="path">Where it lies.</param>
/// <param name="before">As it is; <c>null</c> = there is none.</param>
internal sealed class MaskedSecretResolver(SettingPath path, SettingNode? before)
{
    private readonly IReadOnlyList<Secret> _kept = before is null ? [] : SecretPlaces.In(path, before);

    public IReadOnlyList<string> Texts => [.. _kept.Select(secret => secret.Text)];

    /// <summary>
    /// A document with what is kept in place of what only stands for it. Short secrets all look the same: one comes back where it was, or
    /// where it can be no other; and never to somebody else than it was given for.
    /// </summary>
    /// <exception cref="FormatException">Something stands for no secret that is kept, or for any of several. Names its place, and no text.</exception>
    public SettingNode Unmask(SettingNode document)
    {
        var hidden = SecretPlaces.In(path, document).Where(secret => secret.IsHidden).ToList();
        if (hidden.Count == 0) return document;
        var found = AtHome(hidden, isAlone: IsAlone(document) && before is not null && IsAlone(before));
        foreach (var secret in hidden.Where(secret => !found.ContainsKey(secret.Path))) found.Add(secret.Path, Elsewhere(secret, found.Values));
        return SecretPlaces.Map(path, document, secret => found.TryGetValue(secret.Path, out var kept) ? kept.Text : secret.Text);
    }

    /// <summary>Those that stand where one of this look stood. Where several of a place look the same, each is another, in their order, if none has gone.</summary>
    private Dictionary<string, Secret> AtHome(List<Secret> hidden, bool isAlone)
    {
        (string Owner, string Field, string Look) PlaceOf(Secret secret, string look) => (isAlone ? secret.Recipient : secret.Owner, secret.Field, look);
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
        if (own.DistinctBy(secret => secret.Text, StringComparer.Ordinal).Count() == 1 && own.Find(secret => !taken.Contains(secret)) is { } only) return only;
        throw new FormatException(hidden.Path + (alike.Count == 0 || own.Exists(taken.Contains) ? " has a hidden value, which stands for no key that is kept: give the key itself, or leave it out."
            : own.Count == 0 ? " has a hidden value, which was given for another provider or address: give it anew for this one."
            : " has a hidden value, which may stand for any of several: give it anew."));
    }

    /// <summary>A route's only target is the same one, whatever model it has.</summary>
    private static bool IsAlone(SettingNode document) => document.GetSection("Targets").GetChildren().Take(2).Count() == 1;
}
