namespace AiPipe.Proxy.Providers;

/// <summary>Finds providers by name. A provider is found by its name and by its alias, in any case.</summary>
internal static class ProviderNames
{
    public static IReadOnlyList<string> Names(this Provider provider) =>
        provider.Alias is { } alias ? [provider.Name, alias] : [provider.Name];

    public static bool IsNamed(this Provider provider, string? name) => name is not null
        && (name.Equals(provider.Name, StringComparison.OrdinalIgnoreCase)
            || name.Equals(provider.Alias, StringComparison.OrdinalIgnoreCase));

    public static Provider? ByName(this IEnumerable<Provider> providers, string? name) =>
        providers.FirstOrDefault(provider => provider.IsNamed(name));
}
