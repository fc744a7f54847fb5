using System.Text.RegularExpressions;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Providers;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Routing;

/// <summary>
/// Reads section <c>AiPipe:Aliases</c>: names that callers may use for models. Each is one target, a list, or a group with <c>Targets</c>.
/// Aliases are routes without a path.
/// </summary>
internal static partial class AliasReader
{
    public const string Section = "AiPipe:Aliases";

    /// <exception cref="OptionsValidationException">The message names the invalid setting and its fix.</exception>
    public static IEnumerable<ModelRoute> Read(IConfiguration configuration, IReadOnlyList<Provider> providers)
    {
        var section = configuration.GetSection(Section);
        if (section.Value is { Length: > 0 }) throw section.Wrong(
            "must be a group of models by alias: { \"fast\": { \"Provider\": \"openai\", \"Model\": \"gpt-4o-mini\" } }");
        foreach (var child in section.GetChildren())
        {
            if (!Name().IsMatch(child.Key)) throw child.WrongName("has no usable name: 1 to 100 letters, digits and any of . _ - / @ +");
            if (child.Value is { Length: > 0 }) throw child.Wrong(
                "must name a provider and a model: { \"Provider\": \"openai\", \"Model\": \"gpt-4o-mini\" }");
            yield return ReadOne(child, providers);
        }
    }

    private static ModelRoute ReadOne(IConfigurationSection section, IReadOnlyList<Provider> providers)
    {
        var written = new AliasSettings();
        var (group, targets) = (section, section.GetChildren().ToList());
        if (targets.Exists(child => child.Key.Equals(nameof(AliasSettings.Targets), StringComparison.OrdinalIgnoreCase)))
        {
            section.ReadInto(written);
            (group, targets) = (written.Targets, written.Targets.GetChildren().ToList());
        }
        else if (!targets.Exists(child => child.Key == "0")) targets = [section];

        var route = new ModelRoute
        {
            Id = section.Key,
            Paths = [],
            Targets = TargetReader.Read(group, targets, target => TargetOf(target, written))
        };
        TargetReader.CheckProviders(targets, providers);
        return ReferenceEquals(group, section) ? route : route.WithChoice(section, written);
    }

    private static RouteTarget TargetOf(IConfigurationSection section, AliasSettings alias)
    {
        var written = new AliasTargetSettings();
        section.ReadInto(written);
        TargetReader.Check(section, written);
        return new RouteTarget
        {
            Key = "",
            Provider = written.Provider!.ToLowerInvariant(),
            Model = written.Model!,
            Weight = written.Weight,
            Priority = written.Priority,
            Options = new TargetOptions(),
            Timeout = alias.Timeout is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : Timeout.InfiniteTimeSpan,
        };
    }

    [GeneratedRegex(@"^[A-Za-z0-9._/@+-]{1,100}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex Name();
}
