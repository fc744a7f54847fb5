using AiPipe.Proxy.Infrastructure;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Settings;

/// <summary>
/// The secrets that a change of a document can keep. Administrators cannot read them: a change names them by their ids, or leaves them out.
/// </summary>
/// <param name="path">The path of the document.</param>
/// <param name="document">The current document.</param>
/// <param name="others">A document with secrets from elsewhere, which can be named, too: a provider's key in the environment.</param>
/// <param name="secrets">Creates the ids.</param>
internal sealed class StoredSecrets(SettingPath path, SettingNode? document, SettingNode? others, SettingSecrets secrets)
{
    private readonly Dictionary<string, List<Secret>> _byId = new[] { document, others }.OfType<SettingNode>()
        .SelectMany(known => SecretPlaces.In(path, known))
        .GroupBy(secret => secrets.IdOf(path, secret.Whole), StringComparer.Ordinal)
        .ToDictionary(same => same.Key, same => same.ToList(), StringComparer.Ordinal);

    public IReadOnlyCollection<string> Ids => _byId.Keys;

    public bool Contains(string secret) => _byId.ContainsKey(secrets.IdOf(path, secret));

    /// <summary>Puts the stored secrets where the change names them or leaves them out.</summary>
    /// <param name="change">A document with secrets, ids of stored ones, or neither.</param>
    /// <returns>The whole document, and the secrets that the change itself contains.</returns>
    /// <exception cref="OptionsValidationException">A value is a mask, or an id names no secret that may be sent there.</exception>
    public (SettingNode Document, IReadOnlyList<Secret> Sent) Resolve(SettingNode change)
    {
        var references = SecretPlaces.ReferencesIn(path, change).Select(reference => reference.Node).ToHashSet();
        var sent = SecretPlaces.In(path, change.Map(node => references.Contains(node) ? node.WithText(null) : null));
        if (sent.FirstOrDefault(secret => secret.IsMask) is { } mask) throw mask.Node.Wrong(
            "is the mask of a secret: send the secret itself, or { \"Id\": … } to keep the stored one");
        // Addresses first, because they decide which secrets a target may keep.
        var whole = WithNamed(WithNamed(change, areAddresses: true), areAddresses: false);
        return (WithOmitted(whole), sent);
    }

    private SettingNode WithNamed(SettingNode change, bool areAddresses)
    {
        var references = SecretPlaces.ReferencesIn(path, change).Where(reference => reference.IsAddress == areAddresses)
            .ToDictionary(reference => reference.Node);
        return change.Map(node => references.TryGetValue(node, out var reference) ? node.WithText(Find(reference).Whole) : null);
    }

    private Secret Find(SecretReference reference)
    {
        var named = _byId.GetValueOrDefault(reference.Id)?.FindAll(secret => secret.IsAddress == reference.IsAddress) ?? [];
        if (named.Count == 0) throw reference.Node.Wrong("has the id of no stored secret: send the secret itself");
        // An address is its own recipient.
        return named.Find(secret => secret.IsAddress || secret.Recipient == reference.Recipient)
            ?? throw reference.Node.Wrong("is a secret that was given for another provider or address: send it again for this one");
    }

    /// <summary>
    /// A provider without <c>Keys</c> keeps its keys. A target without <c>Header</c> and <c>Query</c> keeps those of the target at its
    /// place, if the provider and the address are the same.
    /// </summary>
    private SettingNode WithOmitted(SettingNode change)
    {
        if (document is null) return change;
        if (path.Section == SettingPath.Providers)
            return change.Named("Keys").Any() ? change : change.With(document.Named("Keys"));
        if (path.Section != SettingPath.Routes) return change;
        var before = SecretPlaces.Targets(document).ToDictionary(target => target.Key, StringComparer.OrdinalIgnoreCase);
        var silent = SecretPlaces.Targets(change).Where(target => !AccessOf(target).Any()).ToHashSet();
        return change.Map(node => silent.Contains(node) && before.TryGetValue(node.Key, out var same)
            && SecretPlaces.RecipientOf(same) == SecretPlaces.RecipientOf(node)
                ? node.With(AccessOf(same)) : null);
    }

    private static IEnumerable<SettingNode> AccessOf(SettingNode target) => target.Named("Header").Concat(target.Named("Query"));
}
