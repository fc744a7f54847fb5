namespace AiPipe.Proxy.Settings;

/// <summary>Where secrets stand in documents of settings: providers' keys, salts, and what routes' targets send as headers and parameters.</summary>
internal static class SecretPlaces
{
    /// <summary>A document with other texts in place of its secrets.</summary>
    public static SettingNode Map(SettingPath path, SettingNode document, Func<Secret, string> change)
    {
        // By the nodes, not by their paths: names may have colons in them.
        var secrets = Find(path, document).ToDictionary(found => found.Node, found => found.Secret);
        return document.Map(node => secrets.TryGetValue(node, out var secret) ? string.Concat(node.Text.AsSpan(0, node.Text!.Length - secret.Text.Length), change(secret)) : null);
    }

    /// <summary>The secrets of a document; a target's headers first, then its parameters.</summary>
    public static IReadOnlyList<Secret> In(SettingPath path, SettingNode document) => [.. Find(path, document).Select(found => found.Secret)];

    private static IEnumerable<(SettingNode Node, Secret Secret)> Find(SettingPath path, SettingNode document) => path.Section switch
    {
        SettingPath.Salts => Texts(document).Select(node => (node, new Secret(node.Path, node.Text!) { ShowsEnds = false })),
        SettingPath.Providers => Named(document, "Keys").SelectMany(Texts).Select(node => (node, new Secret(node.Path, node.Text!))),
        SettingPath.Routes => Named(document, "Targets").SelectMany(targets => targets.Children).SelectMany(OfTarget),
        _ => [],
    };

    /// <summary>What a target sends to its provider: headers, parameters, and what follows the question mark of its address.</summary>
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

        // Who knows the end of an address may know all of a short parameter.
        var addresses = Named(target, "Endpoint").Where(node => node.Text is { } text && text.IndexOf('?', StringComparison.Ordinal) is >= 0 and var mark && mark < text.Length - 1)
            .Select(node => (node, Of(node, node.Text![(node.Text!.IndexOf('?', StringComparison.Ordinal) + 1)..]) with { ShowsEnds = false }));
        return [.. Named(target, "Header").Concat(Named(target, "Query")).SelectMany(Texts).Select(node => (node, Of(node, node.Text!))), .. addresses];
    }

    private static IEnumerable<SettingNode> Named(SettingNode node, string name) => node.Children.Where(child => child.Key.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Everything below, whatever its shape.</summary>
    private static IEnumerable<SettingNode> Texts(SettingNode node) => (node.Text is { Length: > 0 } ? [node] : (SettingNode[])[]).Concat(node.Children.SelectMany(Texts));
}

/// <summary>A secret, or what somebody wrote in place of one.</summary>
/// <param name="Path">Where it stands, as readers of settings name it.</param>
/// <param name="Text">The secret.</param>
internal sealed record Secret(string Path, string Text)
{
    /// <summary>What stands for a secret that is not shown. No key has this letter in it.</summary>
    public const char Hidden = '…';
    /// <summary>A key of fewer characters shows none of them.</summary>
    private const int ShownFrom = 16;

    /// <summary>Which of its owner's it is.</summary>
    public string Field { get; init; } = "";
    /// <summary>Whom it is sent to: what was given for one is not sent to another.</summary>
    public string Recipient { get; init; } = "";
    /// <summary>Whose it is, in whatever order its owners stand.</summary>
    public string Owner { get; init; } = "";
    public bool ShowsEnds { get; init; } = true;

    public bool IsHidden => Text.Contains(Hidden, StringComparison.Ordinal);

    /// <summary>What stands for it: <c>sk-…last4</c>.</summary>
    public string Look => ShowsEnds ? LookOf(Text) : $"{Hidden}";

    /// <summary>How a key is shown.</summary>
    public static string LookOf(string key) => key.Length < ShownFrom ? $"{Hidden}" : $"{key[..3]}{Hidden}{key[^4..]}";

    /// <summary>Never prints it.</summary>
    public override string ToString() => Path;
}
