using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Infrastructure;

/// <summary>
/// Reads a section into its options class. A name that is not known, a list that is none, a value of the wrong kind or out of range
/// stops the start with one line that names the key and the mend: ASP.NET's own binder would pass over most of them in silence.
/// </summary>
internal static class SettingsSection
{
    /// <summary>Registers <typeparamref name="TOptions"/>, read from the section at <paramref name="path"/> and checked at the start.</summary>
    public static OptionsBuilder<TOptions> AddSection<TOptions>(this IServiceCollection services, string path) where TOptions : class =>
        services.AddOptions<TOptions>()
            .Configure<IConfiguration>((options, configuration) => configuration.GetSection(path).ReadInto(options)).ValidateOnStart();

    /// <summary>Sets the properties that the section names; the others keep their defaults.</summary>
    /// <exception cref="OptionsValidationException">One line that names the wrong key and its mend.</exception>
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

    /// <summary>Refuses what is no group of settings, or holds one of another name.</summary>
    public static void RefuseOthersThan(this IConfigurationSection section, IReadOnlyCollection<string> names)
    {
        if (section.Value is { Length: > 0 }) throw section.Wrong($"must be a group of settings: {{ \"{names.First()}\": … }}");
        foreach (var child in section.GetChildren())
            if (!names.Contains(child.Key, StringComparer.OrdinalIgnoreCase) && !RenamedSettings.IsEarlierName(child.Path)) throw child.Wrong($"is not known: use {string.Join(", ", names)}");
    }

    /// <summary>The entries of a list of texts; none where the section is absent.</summary>
    public static List<string> Texts(this IConfigurationSection section)
    {
        if (section.Value is { Length: > 0 }) throw section.Wrong("must be a list: [ \"…\" ]");
        return [.. section.GetChildren().Select(entry => !string.IsNullOrWhiteSpace(entry.Value) ? entry.Value : throw entry.Wrong("is empty: give a text, or leave the entry out"))];
    }

    /// <summary>
    /// The entries of a group whose names may have colons in them (<c>llama3:8b</c>, <c>https://app.example</c>). Configuration makes
    /// sections of a name's parts: they are put together again on the way down.
    /// </summary>
    /// <param name="group">The group.</param>
    /// <param name="what">What an entry holds: <c>prices</c>.</param>
    /// <param name="example">How an entry is written: <c>{ "Limit": 1 }</c>.</param>
    /// <returns>Names as written, each with its settings; where another name goes on from it, that is a section among the settings.</returns>
    /// <exception cref="OptionsValidationException">An entry is no group of settings, or an empty one.</exception>
    public static IEnumerable<(string Name, IConfigurationSection Settings)> Named(this IConfigurationSection group, string what, string example)
    {
        if (group.Value is { Length: > 0 }) throw group.Wrong($"must be a group of {what} by name: {{ \"name\": {example} }}");
        return group.GetChildren().SelectMany(child => Below(child, child.Key));

        IEnumerable<(string, IConfigurationSection)> Below(IConfigurationSection section, string name)
        {
            if (section.Value is { Length: > 0 }) throw section.Wrong($"is no set of {what}: write {example}");
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

    /// <summary>Refuses a text that is too long to be what it should be, or goes over several lines.</summary>
    public static void RefuseLongerThan(this IConfigurationSection text, int most)
    {
        if (text.Value is { } value && (value.Length > most || value.Any(char.IsControl))) throw text.Wrong($"must be a text of at most {most} characters in one line");
    }

    /// <summary>What stops the start.</summary>
    /// <param name="setting">Whose key the line begins with.</param>
    /// <param name="mend">The rest of the line, without a full stop.</param>
    public static OptionsValidationException Wrong(this IConfigurationSection setting, string mend) =>
        new(setting.Path, typeof(IConfigurationSection), [$"{setting.Path} {mend}."]);

    /// <summary>What stops the start: the name of an entry, and not what stands below it.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="mend">The rest of the line, without a full stop.</param>
    public static OptionsValidationException WrongName(this IConfigurationSection entry, string mend) =>
        new(entry.Path, typeof(EntryName), [$"{entry.Path} {mend}."]);

    /// <summary>The path of the setting that an exception is about; <c>null</c> where it names none.</summary>
    public static string? SettingPath(this OptionsValidationException exception) =>
        exception.OptionsType == typeof(IConfigurationSection) || exception.NamesEntry() ? exception.OptionsName : null;

    /// <summary>True for an exception of <see cref="WrongName"/>.</summary>
    public static bool NamesEntry(this OptionsValidationException exception) => exception.OptionsType == typeof(EntryName);

    private static string NameOf(PropertyInfo property) => property.GetCustomAttribute<ConfigurationKeyNameAttribute>()?.Name ?? property.Name;

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
            throw setting.Wrong(rule is RangeAttribute range ? $"must be from {range.Minimum} to {range.Maximum}" : "must be an http(s) address");
        }
        return value;
    }

    private static string KindOf(Type type) => Nullable.GetUnderlyingType(type) is { } given ? KindOf(given) :
        type.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(type))}" : type == typeof(bool) ? "true or false" : type == typeof(decimal) ? "a number" : type == typeof(TimeSpan) ? "a time such as 00:00:30 (hours:minutes:seconds)" : "a whole number";

    /// <summary>The type of options of an exception that is about an entry's name.</summary>
    private sealed class EntryName;
}
