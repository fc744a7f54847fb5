using System.Globalization;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Providers;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Routing;

internal static class TargetReader
{
    private const int MaxTargets = 32;
    private const int MaxModelLength = 200;
    private const int MaxHeaderLength = 100;

    /// <exception cref="OptionsValidationException">The message names the invalid setting and its fix.</exception>
    public static IReadOnlyList<RouteTarget> Read(
        IConfigurationSection group, IReadOnlyList<IConfigurationSection> sections, Func<IConfigurationSection, RouteTarget> read)
    {
        if (sections.Count == 0) throw group.Wrong("must have a target: [ { \"Provider\": \"openai\", \"Model\": \"gpt-4o-mini\" } ]");
        if (sections.Count > MaxTargets) throw group.Wrong($"has more than {MaxTargets} targets");
        var targets = sections.Select(read).ToList();
        if (!targets.Exists(target => target.Weight > 0)) throw group.Wrong("has no target with a weight above 0");
        // Equal targets get different keys, by their order.
        return [.. targets.Select((target, i) => target with { Key = KeyOf(targets, i) })];
    }

    public static void Check(IConfigurationSection section, AliasTargetSettings written)
    {
        if (string.IsNullOrWhiteSpace(written.Provider)) throw section.GetSection("Provider")
            .Wrong("is missing: name a provider, such as openai");
        if (string.IsNullOrWhiteSpace(written.Model)) throw section.GetSection("Model")
            .Wrong("is missing: name a model, such as gpt-4o-mini");
        section.GetSection("Model").RefuseLongerThan(MaxModelLength);
    }

    /// <summary>Refuses targets whose provider is unknown or has another dialect.</summary>
    public static void CheckProviders(IEnumerable<IConfigurationSection> targets, IReadOnlyList<Provider> providers)
    {
        foreach (var name in targets.Select(target => target.GetSection("Provider")))
        {
            var provider = providers.ByName(name.Value);
            // The demo disappears with the first key; a route to it must not fail the start then.
            if (provider is null && KnownProviders.All.ByName(name.Value) is not { IsBuiltIn: true })
                throw name.Wrong($"is not a provider: use one of "
                    + $"{string.Join(", ", providers.Where(known => known.Dialect.IsOpenAi).Select(known => known.Name))}");
            if (provider is not null && !provider.Dialect.IsOpenAi) throw name.Wrong(
                "is not OpenAI-compatible, which routes require: use another provider");
        }
    }

    public static ModelRoute WithChoice(this ModelRoute route, IConfigurationSection section, TargetChoiceSettings written) => route with
    {
        Retries = written.Retries,
        FallbackOn = FallbackOf(section.GetSection("FallbackOn")),
        Sticky = StickyOf(section.GetSection("Sticky")),
    };

    private static FallbackRule FallbackOf(IConfigurationSection section)
    {
        var words = section.GetChildren().ToList();
        if (words.Count == 0 && section.Value is null) return FallbackRule.Usual;
        var statuses = words.Where(word => !Is(word, FallbackRule.Timeout) && !Is(word, FallbackRule.Connection)).Select(StatusOf);
        return new FallbackRule(
            [.. statuses], words.Exists(word => Is(word, FallbackRule.Timeout)), words.Exists(word => Is(word, FallbackRule.Connection)));
    }

    private static bool Is(IConfigurationSection word, string known) => known.Equals(word.Value, StringComparison.OrdinalIgnoreCase);

    private static int StatusOf(IConfigurationSection word) =>
        int.TryParse(word.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status is >= 400 and <= 599
            ? status
            : throw word.Wrong($"must be a status from 400 to 599, {FallbackRule.Timeout} or {FallbackRule.Connection}");

    private static string? StickyOf(IConfigurationSection section)
    {
        if (section.Value is not { Length: > 0 } name) return null;
        return name.Length <= MaxHeaderLength && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.')
            ? name
            : throw section.Wrong("must be the name of a header, such as X-Session");
    }

    private static string KeyOf(List<RouteTarget> targets, int i)
    {
        var same = targets.Take(i).Count(earlier => NameOf(earlier) == NameOf(targets[i]));
        return same == 0 ? NameOf(targets[i]) : $"{NameOf(targets[i])} #{same + 1}";
    }

    private static string NameOf(RouteTarget target) =>
        $"{target.Provider}/{target.Model}{(target.Endpoint is { } endpoint ? $" at {endpoint.Authority}" : "")}";
}
