namespace AiPipe.Proxy.Settings;

/// <summary>The settings with certain rows of the table.</summary>
/// <param name="Rows">All rows, in the order of their versions.</param>
/// <param name="InForce">The readable and valid rows.</param>
/// <param name="Laid">The files' settings with these rows as overlays.</param>
/// <param name="Snapshot">What calls use; <c>null</c> if not even the files' settings are valid.</param>
internal sealed record LoadedSettings(
    IReadOnlyList<SettingRow> Rows, IReadOnlyList<OpenRow> InForce, OverlaidConfiguration Laid, SettingsSnapshot? Snapshot)
{
    /// <summary>The same settings if the rows have the same documents; otherwise <c>null</c>.</summary>
    public LoadedSettings? For(IReadOnlyList<SettingRow> rows)
    {
        if (!rows.Select(row => (row.Key, row.Value)).SequenceEqual(Rows.Select(row => (row.Key, row.Value)))) return null;
        // Their versions may be newer.
        var byKey = rows.ToDictionary(row => row.Key, StringComparer.Ordinal);
        return this with { Rows = rows, InForce = [.. InForce.Select(open => open with { Row = byKey[open.Row.Key] })] };
    }
}

/// <summary>A readable row with decrypted secrets; no document = the file's is hidden.</summary>
internal sealed record OpenRow(SettingPath Path, SettingRow Row, SettingNode? Document)
{
    public (SettingPath Path, SettingNode? Document) Laid => (Path, Document);
}
