namespace AiPipe.Proxy.Settings;

/// <summary>Finds secrets in settings: providers' keys, salts, and the headers and parameters of routes' targets.</summary>
internal static class SecretPlaces
{
    public static SettingNode Map(SettingPath path, SettingNode document, Func<Secret, string> change)
    {
        // By node, not by path: names may contain colons.
        var secrets = Find(path, document).ToDictionary(found => found.Node, found => found.Secret);
        return document.Map(node =>
            secrets.TryGetValue(node, out var secret)
            ? string.Concat(node.Text.AsSpan(0, node.Text!.Length - secret.Text.Length), change(secret)) : null);
    }

    /// <summary>The secrets of a document; a target's headers first, then its parameters.</summary>
    public static IReadOnlyList<Secret> In(SettingPath path, SettingNode document) =>
        [.. Find(path, document).Select(found => found.Secret)];

    private static IEnumerable<(SettingNode Node, Secret Secret)> Find(SettingPath path, SettingNode document) => path.Section switch
    {
        SettingPath.Salts => Texts(document).Select(node => (node, new Secret(node.Path, node.Text!) { ShowsEnds = false })),
        SettingPath.Providers => Named(document, "Keys").SelectMany(Texts).Select(node => (node, new Secret(node.Path, node.Text!))),
        SettingPath.Routes => Named(document, "Targets").SelectMany(targets => targets.Children).SelectMany(OfTarget),
        _ => [],
    };

    /// <summary>What a target sends to its provider: headers, parameters, and the query of its address.</summary>
    private static IEnumerable<(SettingNode Node, Secret Secret)> OfTarget(SettingNode target)
    {
        string? Setting(string name) => target.GetSection(name).Value;
        var address = Setting("Endpoint") ?? "";
        var authority = Uri.TryCreate(address, UriKind.Absolute, out var url) ? url.GetLeftPart(UriPartial.Authority) : address;
        var recipient = $"{Setting("Provider")?.ToUpperInvariant()} {authority}";
        Secret Of(SettingNode node, string text) => new(node.Path, text)
        {
            Field = node.Path[target.Path.Length..].ToUpperInvariant(),
            Recipient = recipient,
            Owner = $"{recipient}{url?.AbsolutePath} {Setting("Model")}",
        };

        // The last characters of an address would show a short parameter.
        var addresses = Named(target, "Endpoint")
            .Where(node => node.Text is { } text && text.IndexOf('?', StringComparison.Ordinal) is >= 0 and var mark
            && mark < text.Length - 1)
            .Select(node => (node,
                Of(node, node.Text![(node.Text!.IndexOf('?', StringComparison.Ordinal) + 1)..]) with { ShowsEnds = false }));
        return [.. Named(target, "Header").Concat(Named(target, "Query")).SelectMany(Texts)
            .Select(node => (node, Of(node, node.Text!))), .. addresses];
    }

    private static IEnumerable<SettingNode> Named(SettingNode node, string name) =>
        node.Children.Where(child => child.Key.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<SettingNode> Texts(SettingNode node) =>
        (node.Text is { Length: > 0 } ? [node] : (SettingNode[])[]).Concat(node.Children.SelectMany(Texts));
}

/// <summary>A secret, or its mask.</summary>
internal sealed record Secret(string Path, string Text)
{
    /// <summary>The mask of a secret. No key contains this character.</summary>
    public const char Hidden = '…';
    /// <summary>Shorter keys are masked completely.</summary>
    private const int ShownFrom = 16;

    public string Field { get; init; } = "";
    /// <summary>The receiver of the secret: it is never sent to another.</summary>
    public string Recipient { get; init; } = "";
    /// <summary>Identifies the owner, independent of the owners' order.</summary>
    public string Owner { get; init; } = "";
    public bool ShowsEnds { get; init; } = true;

    public bool IsHidden => Text.Contains(Hidden, StringComparison.Ordinal);

    /// <summary>The mask: <c>sk-…last4</c>.</summary>
    public string Look => ShowsEnds ? LookOf(Text) : $"{Hidden}";

    public static string LookOf(string key) => key.Length < ShownFrom ? $"{Hidden}" : $"{key[..3]}{Hidden}{key[^4..]}";

    /// <summary>Never prints the secret.</summary>
    public override string ToString() => Path;
}
