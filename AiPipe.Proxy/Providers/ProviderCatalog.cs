using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace AiPipe.Proxy.Providers;

/// <summary>All providers of this instance. The catalog is replaced as a whole; a running call keeps its provider.</summary>
internal sealed class ProviderCatalog(IEnumerable<Provider> providers)
{
    private volatile Held _held = new([.. providers]);

    public IEnumerable<Provider> All => _held.ByName.Values.Distinct().OrderBy(provider => provider.Name, StringComparer.Ordinal);

    public bool TryFind(string name, [NotNullWhen(true)] out Provider? provider) => _held.ByName.TryGetValue(name, out provider);

    public bool Has(ReadOnlySpan<char> name) => _held.Names.ContainsKey(name);

    /// <summary>
    /// Finds the provider of <c>X-Host-Final</c>. A known provider is found by its default host even if its address is configured.
    /// </summary>
    public bool TryFindHost(string host, [NotNullWhen(true)] out Provider? provider) => _held.ByHost.TryGetValue(host, out provider);

    public IEnumerable<(string Host, Provider Provider)> Hosts =>
        _held.ByHost.Select(place => (place.Key, place.Value)).OrderBy(place => place.Key, StringComparer.Ordinal);

    /// <summary>Replaces the providers; keys that remain keep their state.</summary>
    public void Replace(IEnumerable<Provider> providers)
    {
        var before = _held.ByName;
        _held = new Held([.. providers.Select(
            provider => before.TryGetValue(provider.Name, out var same) ? provider.Remembering(same) : provider)]);
    }

    private sealed class Held
    {
        public Held(List<Provider> providers)
        {
            ByName = providers
                .SelectMany(provider => provider.Names().Select(name => (Name: name, Provider: provider)))
                .ToFrozenDictionary(named => named.Name, named => named.Provider, StringComparer.OrdinalIgnoreCase);
            Names = ByName.GetAlternateLookup<ReadOnlySpan<char>>();
            ByHost = providers.Where(provider => !provider.IsBuiltIn)
                .SelectMany(provider => HostsOf(provider).Select(place => (place.Host, place.Rank, Provider: provider)))
                .OrderBy(place => place.Rank).ThenBy(place => place.Provider.Credentials.Count == 0)
                    .ThenBy(place => place.Provider.Name, StringComparer.Ordinal)
                .DistinctBy(place => place.Host, StringComparer.OrdinalIgnoreCase)
                .ToFrozenDictionary(place => place.Host, place => place.Provider, StringComparer.OrdinalIgnoreCase);
        }

        public FrozenDictionary<string, Provider> ByName { get; }
        public FrozenDictionary<string, Provider>.AlternateLookup<ReadOnlySpan<char>> Names { get; }
        public FrozenDictionary<string, Provider> ByHost { get; }

        /// <summary>If several providers share a host, the one named after it wins, then the one whose default host it is.</summary>
        private static IEnumerable<(string Host, int Rank)> HostsOf(Provider provider)
        {
            if (provider.Name.Contains('.', StringComparison.Ordinal)) yield return (provider.Name, 0);
            if (KnownProviders.All.ByName(provider.Name) is { } known) yield return (
                known.BaseUrl.Authority, 1);
            yield return (provider.BaseUrl.Authority, 2);
        }
    }
}
