using System.Globalization;
using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Providers;

namespace AiPipe.Proxy.RateLimits;

/// <summary>
/// Section <c>AiPipe:RateLimits</c>: limits per person by name (<c>*</c>, <c>@example.com</c>, <c>user@example.com</c>), and groups of
/// shared limits. Without it nothing is limited. Names are case-insensitive.
/// </summary>
internal sealed class RateLimitOptions
{
    public const string Section = "AiPipe:RateLimits";
    private const string Example = "{ \"RequestsPerMinute\": 60, \"TokensPerMinute\": 100000 }";
    private static readonly string[] Fields = ["RequestsPerMinute", "TokensPerMinute"];

    public ByPerson<RateLimit> People { get; } = new();
    /// <summary>Shared limits of apps, by origin; <c>*</c> = each other app.</summary>
    public Dictionary<string, RateLimit> Apps { get; } = Named();
    public Dictionary<string, RateLimit> Models { get; } = Named();
    /// <summary>The entries of <see cref="Models"/> with a name, and their buckets.</summary>
    public IReadOnlyList<(ModelName Name, RateScope Scope)> NamedModels { get; private set; } = [];
    public Dictionary<string, RateLimit> Providers { get; } = Named();
    /// <summary>The limit of each of our provider keys, as the provider's account has it; <c>*</c> = each other provider.</summary>
    public Dictionary<string, RateLimit> Keys { get; } = Named();

    public void Read(IConfigurationSection section, IReadOnlyList<Provider> providers)
    {
        if (section.Value is { Length: > 0 }) throw section.Wrong($"must be a group of limits, such as {{ \"*\": {Example} }}");
        foreach (var child in section.GetChildren())
        {
            if (ByPerson.IsName(child.Key)) People[child.Key] = LimitAt(child);
            else ReadGroup(child, providers);
        }
        NamedModels = [.. Models.Where(limit => limit.Key != "*")
            .Select(limit => (new ModelName(limit.Key), RateScope.Shared("model", limit.Key, limit.Value)))];
    }

    private void ReadGroup(IConfigurationSection group, IReadOnlyList<Provider> providers)
    {
        var (limits, isOfProviders) = group.Key.ToUpperInvariant() switch
        {
            "APPS" => (Apps, false),
            "MODELS" => (Models, false),
            "PROVIDERS" => (Providers, true),
            "KEYS" => (Keys, true),
            _ => throw group.Wrong(
                "is neither a person nor a group: use \"*\", \"@domain\", an e-mail address, Apps, Models, Providers or Keys"),
        };
        if (group.Value is { Length: > 0 }) throw group.Wrong($"must be a group of limits by name: {{ \"…\": {Example} }}");
        foreach (var child in group.GetChildren()) Walk(child, child.Key, limits, isOfProviders ? providers : null);
    }

    /// <summary>Joins names with colons (<c>https://app.example:8080</c>), which configuration splits into sections.</summary>
    private static void Walk(
        IConfigurationSection section, string name, Dictionary<string, RateLimit> limits, IReadOnlyList<Provider>? providers)
    {
        var children = section.GetChildren().ToList();
        var parts = children.FindAll(child => child.Value is null && !Fields.Contains(child.Key, StringComparer.OrdinalIgnoreCase));
        foreach (var part in parts) Walk(part, $"{name}:{part.Key}", limits, providers);
        if (parts.Count > 0 && parts.Count == children.Count) return;
        limits[NameOf(section, name, providers)] = LimitAt(section, parts);
    }

    private static string NameOf(IConfigurationSection section, string name, IReadOnlyList<Provider>? providers)
    {
        if (providers is null || name == "*") return name.TrimEnd('/');
        return providers.ByName(name) is { } provider
            ? provider.Name : throw section.Wrong("is not a provider: use one of AiPipe:Providers");
    }

    private static RateLimit LimitAt(IConfigurationSection section, List<IConfigurationSection>? parts = null)
    {
        if (section.Value is { Length: > 0 }) throw section.Wrong($"must be a limit: {Example}");
        foreach (var child in section.GetChildren())
            if (!Fields.Contains(child.Key, StringComparer.OrdinalIgnoreCase) && parts?.Exists(part => part.Key == child.Key) != true)
                throw child.Wrong($"is not known: use {string.Join(" or ", Fields)}");
        var limit = new RateLimit(Number(section.GetSection(Fields[0])), Number(section.GetSection(Fields[1])));
        return limit != default ? limit : throw section.Wrong($"has no limit: write {Example}, or one of the two");
    }

    private static long Number(IConfigurationSection value)
    {
        if (value.Value is null && !value.GetChildren().Any()) return 0;
        return long.TryParse(value.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1
            and <= RateLimit.Max
            ? number
            : throw value.Wrong("must be a whole number from 1 to 1000000000; to block calls, set a budget of 0");
    }

    private static Dictionary<string, RateLimit> Named() => new(StringComparer.OrdinalIgnoreCase);
}
