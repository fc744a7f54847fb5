using AiPipe.Proxy.Infrastructure;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Settings;

/// <summary>Why settings are invalid.</summary>
/// <param name="IsName">The entry's name is invalid, not its value.</param>
internal sealed record SettingProblem(string Message, string? Path = null, bool IsName = false)
{
    public static SettingProblem FromException(OptionsValidationException exception) =>
        new(exception.Message, exception.SettingPath(), exception.NamesEntry());

    /// <summary>The field of a change that is wrong: <c>path[1]</c>, <c>value.Targets[0].Model</c>; <c>null</c> = none.</summary>
    public string? ParamOf(SettingPath changed)
    {
        var entry = $"{changed.Parent}:{changed.Name}";
        if (Path?.StartsWith(entry, StringComparison.OrdinalIgnoreCase) != true) return null;
        if (Path.Length == entry.Length) return IsName ? $"path[{changed.Parts.Count - 1}]" : "value";
        return Path[entry.Length] == ':'
            ? string.Concat(Path[(entry.Length + 1)..].Split(':')
                .Select(static step => step.All(char.IsAsciiDigit) ? $"[{step}]" : $".{step}").Prepend("value"))
            : null;
    }
}
