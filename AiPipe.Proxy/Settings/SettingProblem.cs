namespace AiPipe.Proxy.Settings;

/// <summary>Why settings cannot be used.</summary>
/// <param name="Message">One line that names the setting and the mend.</param>
/// <param name="Path">The setting's path in the configuration, where it is known.</param>
/// <param name="IsName">The name of the entry is wrong, and not its value.</param>
internal sealed record SettingProblem(string Message, string? Path = null, bool IsName = false)
{
    /// <summary>
    /// The field of a change that the problem is about: <c>path[1]</c>, <c>value</c>, <c>value.Targets[0].Model</c>; <c>null</c> where the
    /// problem lies outside of what is changed.
    /// </summary>
    /// <param name="changed">What is changed.</param>
    public string? ParamOf(SettingPath changed)
    {
        var entry = $"{changed.Parent}:{changed.Name}";
        if (Path?.StartsWith(entry, StringComparison.OrdinalIgnoreCase) != true) return null;
        if (Path.Length == entry.Length) return IsName ? $"path[{changed.Parts.Count - 1}]" : "value";
        return Path[entry.Length] == ':'
            ? string.Concat(Path[(entry.Length + 1)..].Split(':').Select(static step => step.All(char.IsAsciiDigit) ? $"[{step}]" : $".{step}").Prepend("value"))
            : null;
    }
}
