using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Edge;

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
        section.RefuseOthersThan([.. known.Select(property => property.Name)]);
        foreach (var property in known)
        {
            var setting = section.GetSection(property.Name);
            if (property.PropertyType == typeof(IList<string>)) property.SetValue(options, setting.Texts());
            else if (setting.Value is not null || setting.GetChildren().Any()) property.SetValue(options, ValueOf(setting, property));
        }
    }

    /// <summary>Refuses what is no group of settings, or holds one of another name.</summary>
    public static void RefuseOthersThan(this IConfigurationSection section, IReadOnlyCollection<string> names)
    {
        if (section.Value is { Length: > 0 }) throw section.Wrong($"must be a group of settings: {{ \"{names.First()}\": … }}");
        foreach (var child in section.GetChildren())
            if (!names.Contains(child.Key, StringComparer.OrdinalIgnoreCase)) throw child.Wrong($"is not known: use {string.Join(", ", names)}");
    }

    /// <summary>The entries of a list of texts; none where the section is absent.</summary>
    public static List<string> Texts(this IConfigurationSection section)
    {
        if (section.Value is { Length: > 0 }) throw section.Wrong("must be a list: [ \"…\" ]");
        return [.. section.GetChildren().Select(entry => !string.IsNullOrWhiteSpace(entry.Value) ? entry.Value : throw entry.Wrong("is empty: give a text, or leave the entry out"))];
    }

    /// <summary>What stops the start.</summary>
    /// <param name="setting">Whose key the line begins with.</param>
    /// <param name="mend">The rest of the line, without a full stop.</param>
    public static OptionsValidationException Wrong(this IConfigurationSection setting, string mend) =>
        new(setting.Path, typeof(IConfigurationSection), [$"{setting.Path} {mend}."]);

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

    private static string KindOf(Type type) =>
        type.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(type))}" : type == typeof(bool) ? "true or false" : type == typeof(TimeSpan) ? "a time such as 00:00:30 (hours:minutes:seconds)" : "a whole number";
}
