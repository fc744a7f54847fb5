using System.Globalization;
using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Providers;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.RateLimits;

/// <summary>
/// Section <c>AiPipe:RateLimits</c>: limits of a person by name (<c>*</c>, <c>@example.com</c>, <c>user@example.com</c>), and groups
/// of limits that all callers share. Without it nothing is limited. Keys of configuration have no case, so names here have none.
/// </summary>
internal sealed class RateLimitOptions
{
    public const string Section = "AiPipe:RateLimits";
    private const string Example = "{ \"RequestsPerMinute\": 60, \"TokensPerMinute\": 100000 }";
    private static readonly string[] Fields = ["RequestsPerMinute", "TokensPerMinute"];

    /// <summary>Of each person by the most specific name.</summary>
    public Dictionary<string, RateLimit> People { get; } = Named();
    /// <summary>Of all callers together in an app, by its origin; <c>*</c> = in each other app.</summary>
    public Dictionary<string, RateLimit> Apps { get; } = Named();
    /// <summary>Of all callers together on a model; <c>*</c> = on each other model.</summary>
    public Dictionary<string, RateLimit> Models { get; } = Named();
    /// <summary>Those of <see cref="Models"/> that name some, each with its bucket.</summary>
    public IReadOnlyList<(ModelName Name, RateScope Scope)> NamedModels { get; private set; } = [];
    /// <summary>Of all callers together at a provider; <c>*</c> = at each other provider.</summary>
    public Dictionary<string, RateLimit> Providers { get; } = Named();
    /// <summary>Of each of our keys for a provider: what its own account allows; <c>*</c> = for each other provider.</summary>
    public Dictionary<string, RateLimit> Keys { get; } = Named();

    /// <summary>Takes over what the section says.</summary>
    /// <exception cref="OptionsValidationException">Something in the section is wrong.</exception>
    public void Read(IConfigurationSection section, ProviderCatalog providers)
    {
        if (section.Value is { Length: > 0 }) throw section.Wrong($"must be a group of limits, such as {{ \"*\": {Example} }}");
        foreach (var child in section.GetChildren())
        {
            if (child.Key == "*" || child.Key.Contains('@', StringComparison.Ordinal)) People[child.Key] = LimitAt(child);
            else ReadGroup(child, providers);
        }
        NamedModels = [.. Models.Where(limit => limit.Key != "*").Select(limit => (new ModelName(limit.Key), RateScope.Shared("model", limit.Key, limit.Value)))];
    }

    private void ReadGroup(IConfigurationSection group, ProviderCatalog providers)
    {
        var (limits, isOfProviders) = group.Key.ToUpperInvariant() switch
        {
            "APPS" => (Apps, false),
            "MODELS" => (Models, false),
            "PROVIDERS" => (Providers, true),
            "KEYS" => (Keys, true),
            _ => throw group.Wrong("is neither a person nor a group: use \"*\", \"@domain\", an e-mail address, Apps, Models, Providers or Keys"),
        };
        if (group.Value is { Length: > 0 }) throw group.Wrong($"must be a group of limits by name: {{ \"…\": {Example} }}");
        foreach (var child in group.GetChildren()) Walk(child, child.Key, limits, isOfProviders ? providers : null);
    }

    /// <summary>A colon in a name (<c>https://app.example:8080</c>) makes sections of its parts: they are put together again on the way down.</summary>
    private static void Walk(IConfigurationSection section, string name, Dictionary<string, RateLimit> limits, ProviderCatalog? providers)
    {
        var children = section.GetChildren().ToList();
        var parts = children.FindAll(child => child.Value is null && !Fields.Contains(child.Key, StringComparer.OrdinalIgnoreCase));
        foreach (var part in parts) Walk(part, $"{name}:{part.Key}", limits, providers);
        if (parts.Count > 0 && parts.Count == children.Count) return;
        limits[NameOf(section, name, providers)] = LimitAt(section, parts);
    }

    /// <summary>A provider by the one name that calls have it under.</summary>
    private static string NameOf(IConfigurationSection section, string name, ProviderCatalog? providers)
    {
        if (providers is null || name == "*") return name.TrimEnd('/');
        return providers.TryFind(name, out var provider) ? provider.Name : throw section.Wrong("names no provider: use one of those that AiPipe:Providers has");
    }

    private static RateLimit LimitAt(IConfigurationSection section, List<IConfigurationSection>? parts = null)
    {
        if (section.Value is { Length: > 0 }) throw section.Wrong($"must be a limit: {Example}");
        foreach (var child in section.GetChildren())
            if (!Fields.Contains(child.Key, StringComparer.OrdinalIgnoreCase) && parts?.Exists(part => part.Key == child.Key) != true)
                throw child.Wrong($"is not known: use {string.Join(" or ", Fields)}");
        var limit = new RateLimit(Number(section.GetSection(Fields[0])), Number(section.GetSection(Fields[1])));
        return limit != default ? limit : throw section.Wrong($"says no limit: write {Example}, or one of the two");
    }

    private static long Number(IConfigurationSection value)
    {
        if (value.Value is null && !value.GetChildren().Any()) return 0;
        return long.TryParse(value.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= RateLimit.Max
            ? number
            : throw value.Wrong("must be a whole number from 1 to 1000000000; who must not call at all gets a budget of 0");
    }

    private static Dictionary<string, RateLimit> Named() => new(StringComparer.OrdinalIgnoreCase);
}
