using System.Collections.Frozen;

namespace AiPipe.Proxy.Providers;

/// <summary>Providers by name, alias and host. Immutable, except for the state of their keys.</summary>
internal sealed class ProviderIndex
{
    public ProviderIndex(IReadOnlyList<Provider> providers)
    {
        All = providers;
        ByName = providers.SelectMany(provider => provider.Names().Select(name => (Name: name, Provider: provider)))
            .ToFrozenDictionary(named => named.Name, named => named.Provider, StringComparer.OrdinalIgnoreCase);
        Names = ByName.GetAlternateLookup<ReadOnlySpan<char>>();
        ByHost = providers.Where(provider => !provider.IsBuiltIn)
            .SelectMany(provider => HostsOf(provider).Select(place => (place.Host, place.Rank, Provider: provider)))
            .OrderBy(place => place.Rank).ThenBy(place => place.Provider.Credentials.Count == 0)
                .ThenBy(place => place.Provider.Name, StringComparer.Ordinal)
            .DistinctBy(place => place.Host, StringComparer.OrdinalIgnoreCase)
            .ToFrozenDictionary(place => place.Host, place => place.Provider, StringComparer.OrdinalIgnoreCase);
    }

    public IReadOnlyList<Provider> All { get; }
    public FrozenDictionary<string, Provider> ByName { get; }
    public FrozenDictionary<string, Provider>.AlternateLookup<ReadOnlySpan<char>> Names { get; }
    public FrozenDictionary<string, Provider> ByHost { get; }

    /// <summary>The texts of all keys of ours.</summary>
    public KeyTexts Keys => field ??= KeyTexts.Create(
        All.Where(static provider => !provider.IsBuiltIn).SelectMany(static provider => provider.Credentials)
            .Select(static key => key.Key));

    /// <summary>The same providers; keys that were configured before keep their state.</summary>
    public ProviderIndex Remembering(ProviderIndex before) => new([.. All.Select(
        provider => before.ByName.TryGetValue(provider.Name, out var same) ? provider.Remembering(same) : provider)]);

    /// <summary>If several providers share a host, the one named after it wins, then the one whose default host it is.</summary>
    private static IEnumerable<(string Host, int Rank)> HostsOf(Provider provider)
    {
        if (provider.Name.Contains('.', StringComparison.Ordinal)) yield return (provider.Name, 0);
        if (KnownProviders.All.ByName(provider.Name) is { } known) yield return (known.BaseUrl.Authority, 1);
        yield return (provider.BaseUrl.Authority, 2);
    }
}
