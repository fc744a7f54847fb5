namespace AiPipe.Proxy.Settings;

/// <summary>Finds secrets in settings: providers' keys, salts, and the headers and parameters of routes' targets.</summary>
internal static class SecretPlaces
{
    /// <summary>Replaces the text of every secret.</summary>
    public static SettingNode Map(SettingPath path, SettingNode document, Func<Secret, string> change) =>
        MapNodes(path, document, secret => secret.Node.WithText(secret.Prefix + change(secret)));

    /// <summary>Replaces the node of every secret.</summary>
    public static SettingNode MapNodes(SettingPath path, SettingNode document, Func<Secret, SettingNode> change)
    {
        // By node, not by path: names may contain colons.
        var secrets = In(path, document).ToDictionary(secret => secret.Node);
        return document.Map(node => secrets.TryGetValue(node, out var secret) ? change(secret) : null);
    }

    /// <summary>The secrets of a document; a target's headers first, then its parameters.</summary>
    public static IReadOnlyList<Secret> In(SettingPath path, SettingNode document) => path.Section switch
    {
        SettingPath.Salts => [.. Texts(document).Select(node => new Secret(node, node.Text!) { ShowsEnds = false })],
        SettingPath.Providers => [.. document.Named("Keys").SelectMany(Texts).Select(node => new Secret(node, node.Text!))],
        SettingPath.Routes => [.. Targets(document).SelectMany(OfTarget)],
        _ => [],
    };

    /// <summary>The places where a document names a stored secret by its id instead of containing it.</summary>
    public static IReadOnlyList<SecretReference> ReferencesIn(SettingPath path, SettingNode document) => path.Section switch
    {
        SettingPath.Salts => [.. References([document])],
        SettingPath.Providers => [.. References(document.Named("Keys").SelectMany(keys => keys.Children))],
        SettingPath.Routes => [.. Targets(document).SelectMany(target => References(target.Named("Endpoint"))
            .Select(reference => reference with { IsAddress = true })
            .Concat(References(target.Named("Header").Concat(target.Named("Query")).SelectMany(group => group.Children))
                .Select(reference => reference with { Recipient = RecipientOf(target) })))],
        _ => [],
    };

    public static IEnumerable<SettingNode> Targets(SettingNode document) =>
        document.Named("Targets").SelectMany(targets => targets.Children);

    /// <summary>The receiver of a target's secrets: its provider, at the target's own address if it has one.</summary>
    public static string RecipientOf(SettingNode target)
    {
        var address = target.GetSection("Endpoint").Value ?? "";
        var authority = Uri.TryCreate(address, UriKind.Absolute, out var url) ? url.GetLeftPart(UriPartial.Authority) : address;
        return $"{target.GetSection("Provider").Value?.ToUpperInvariant()} {authority}";
    }

    /// <summary>What a target sends to its provider: headers, parameters, and the query of its address.</summary>
    private static IEnumerable<Secret> OfTarget(SettingNode target)
    {
        var recipient = RecipientOf(target);
        foreach (var node in target.Named("Header").Concat(target.Named("Query")).SelectMany(Texts))
            yield return new Secret(node, node.Text!) { Recipient = recipient };
        foreach (var node in target.Named("Endpoint"))
        {
            var text = node.Text ?? "";
            var start = text.IndexOf('?', StringComparison.Ordinal) + 1;
            // The last characters of an address would show a short parameter.
            if (start > 0 && start < text.Length) yield return new Secret(node, text[start..])
            {
                Prefix = text[..start],
                IsAddress = true,
                ShowsEnds = false,
                Recipient = recipient,
            };
        }
    }

    private static IEnumerable<SecretReference> References(IEnumerable<SettingNode> places) => places
        .Where(place => place.Children.Count > 0
            && place.Children.All(field => SecretReference.Fields.Contains(field.Key, StringComparer.OrdinalIgnoreCase)))
        .Select(place => (Place: place, Id: place.GetSection(SecretReference.Fields[0]).Value))
        .Where(found => found.Id is not null)
        .Select(found => new SecretReference(found.Place, found.Id!));

    private static IEnumerable<SettingNode> Texts(SettingNode node) =>
        (node.Text is { Length: > 0 } ? [node] : (SettingNode[])[]).Concat(node.Children.SelectMany(Texts));
}
