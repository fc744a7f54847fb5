using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Infrastructure;

/// <summary>
/// Binds a section to its options class. Invalid or unknown settings, most of which ASP.NET's binder ignores, stop the start with one line
/// that names the key and the fix.
/// </summary>
internal static class SettingsSection
{
    public static OptionsBuilder<TOptions> AddSection<TOptions>(this IServiceCollection services, string path) where TOptions : class =>
        services.AddOptions<TOptions>()
            .Configure<IConfiguration>((options, configuration) => configuration.GetSection(path).ReadInto(options)).ValidateOnStart();

    public static void ReadInto(this IConfigurationSection section, object options)
    {
        var known = options.GetType().GetProperties();
        section.RefuseOthersThan([.. known.Select(NameOf)]);
        foreach (var property in known)
        {
            var setting = section.GetSection(NameOf(property));
            // A group with a reader of its own.
            if (property.PropertyType == typeof(IConfigurationSection)) property.SetValue(options, setting);
            else if (property.PropertyType == typeof(IList<string>)) property.SetValue(options, setting.Texts());
            else if (setting.Value is not null || setting.GetChildren().Any()) property.SetValue(options, ValueOf(setting, property));
        }
    }

    public static void RefuseOthersThan(this IConfigurationSection section, IReadOnlyCollection<string> names)
    {
        if (section.Value is { Length: > 0 }) throw section.Wrong($"must be a group of settings: {{ \"{names.First()}\": … }}");
        foreach (var child in section.GetChildren())
            if (!names.Contains(child.Key, StringComparer.OrdinalIgnoreCase)
                && !RenamedSettings.IsEarlierName(child.Path)) throw child.Wrong($"is not known: use {string.Join(", ", names)}");
    }

    public static List<string> Texts(this IConfigurationSection section)
    {
        if (section.Value is { Length: > 0 }) throw section.Wrong("must be a list: [ \"…\" ]");
        return [.. section.GetChildren()
            .Select(entry => !string.IsNullOrWhiteSpace(entry.Value)
            ? entry.Value : throw entry.Wrong("is empty: give a text, or leave the entry out"))];
    }

    /// <summary>The entries of a group, with names that contain colons (<c>llama3:8b</c>) joined from nested sections.</summary>
    public static IEnumerable<(string Name, IConfigurationSection Settings)> Named(
        this IConfigurationSection group, string what, string example)
    {
        if (group.Value is { Length: > 0 }) throw group.Wrong($"must be a group of {what} by name: {{ \"name\": {example} }}");
        return group.GetChildren().SelectMany(child => Below(child, child.Key));

        IEnumerable<(string, IConfigurationSection)> Below(IConfigurationSection section, string name)
        {
            if (section.Value is { Length: > 0 }) throw section.Wrong($"must be a set of {what}: write {example}");
            var children = section.GetChildren().ToList();
            if (children.Count == 0) throw section.Wrong($"has no {what}: write {example}");
            if (children.Exists(child => child.Value is not null)) yield return (name, section);
            foreach (var child in children)
            {
                if (!child.GetChildren().Any()) continue;
                foreach (var found in Below(child, $"{name}:{child.Key}")) yield return found;
            }
        }
    }

    public static void RefuseLongerThan(this IConfigurationSection text, int most)
    {
        if (text.Value is { } value && (value.Length > most || value.Any(char.IsControl))) throw text.Wrong(
            $"must be a text of at most {most} characters in one line");
    }

    /// <summary>The error about a setting: its key, then the rest of the line without a full stop.</summary>
    public static OptionsValidationException Wrong(this IConfigurationSection setting, string mend) =>
        new(setting.Path, typeof(IConfigurationSection), [$"{setting.Path} {mend}."]);

    /// <summary>The same about the name of an entry, not about its value.</summary>
    public static OptionsValidationException WrongName(this IConfigurationSection entry, string mend) =>
        new(entry.Path, typeof(EntryName), [$"{entry.Path} {mend}."]);

    public static string? SettingPath(this OptionsValidationException exception) =>
        exception.OptionsType == typeof(IConfigurationSection) || exception.NamesEntry() ? exception.OptionsName : null;

    public static bool NamesEntry(this OptionsValidationException exception) => exception.OptionsType == typeof(EntryName);

    private static string NameOf(PropertyInfo property) =>
        property.GetCustomAttribute<ConfigurationKeyNameAttribute>()?.Name ?? property.Name;

    private static object? ValueOf(IConfigurationSection setting, PropertyInfo property)
    {
        object? value;
        try
        {
            value = TypeDescriptor.GetConverter(property.PropertyType).ConvertFromInvariantString(setting.Value ?? "");
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            throw setting.Wrong($"must be {KindOf(property.PropertyType)}");
        }
        foreach (var rule in property.GetCustomAttributes<ValidationAttribute>())
        {
            if (rule.IsValid(value)) continue;
            throw setting.Wrong(rule is RangeAttribute range
                ? $"must be from {range.Minimum} to {range.Maximum}" : "must be an http(s) address");
        }
        return value;
    }

    private static string KindOf(Type type) => Nullable.GetUnderlyingType(type) is { } given ? KindOf(given) :
        type.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(type))}" : type == typeof(bool) ? "true or false" : type == typeof(decimal)
            ? "a number" : type == typeof(TimeSpan) ? "a time such as 00:00:30 (hours:minutes:seconds)" : "a whole number";

    private sealed class EntryName;
}
