namespace AiPipe.Proxy.Settings;

/// <summary>A secret in a document.</summary>
/// <param name="Node">Its place.</param>
/// <param name="Text">The secret itself.</param>
internal sealed record Secret(SettingNode Node, string Text)
{
    /// <summary>Replaces the hidden characters in a mask. No key contains it.</summary>
    private const char Hidden = '…';
    /// <summary>Shorter keys are masked completely.</summary>
    private const int ShownFrom = 16;

    /// <summary>The text before the secret, which is no secret: an address without its query.</summary>
    public string Prefix { get; init; } = "";
    /// <summary>True if the secret is the query of an address.</summary>
    public bool IsAddress { get; init; }
    /// <summary>The receiver of the secret: it is never sent to another.</summary>
    public string Recipient { get; init; } = "";
    public bool ShowsEnds { get; init; } = true;

    /// <summary>The text of the setting.</summary>
    public string Whole => Prefix + Text;

    /// <summary>True if this is the mask of a secret.</summary>
    public bool IsMask => Text.Contains(Hidden, StringComparison.Ordinal);

    /// <summary>The mask: <c>sk-…last4</c>.</summary>
    public string Mask => ShowsEnds ? MaskOf(Text) : $"{Hidden}";

    public static string MaskOf(string key) => key.Length < ShownFrom ? $"{Hidden}" : $"{key[..3]}{Hidden}{key[^4..]}";

    /// <summary>Never prints the secret.</summary>
    public override string ToString() => Node.Path;
}

/// <summary>A place that names a stored secret: <c>{ "Id": "sec_…" }</c>. It may have the mask, too, which is not read.</summary>
internal sealed record SecretReference(SettingNode Node, string Id)
{
    public static readonly IReadOnlyList<string> Fields = ["Id", "Mask"];

    public bool IsAddress { get; init; }
    public string Recipient { get; init; } = "";
}
