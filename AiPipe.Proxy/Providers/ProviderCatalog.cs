using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace AiPipe.Proxy.Providers;

/// <summary>
/// The providers of this instance, built from what is known and what is configured. They are replaced whole: a call that has its provider
/// goes on with it as it was.
/// </summary>
internal sealed class ProviderCatalog(IEnumerable<Provider> providers)
{
    private volatile Held _held = new([.. providers]);

    /// <summary>Every provider once, by name.</summary>
    public IEnumerable<Provider> All => _held.ByName.Values.Distinct().OrderBy(provider => provider.Name, StringComparer.Ordinal);

    public bool TryFind(string name, [NotNullWhen(true)] out Provider? provider) => _held.ByName.TryGetValue(name, out provider);

    /// <summary>Whether a first path segment leads to a provider.</summary>
    public bool Has(ReadOnlySpan<char> name) => _held.Names.ContainsKey(name);

    /// <summary>
    /// The provider at a host, as <c>X-Host-Final</c> names it: nothing but a name that is looked up, so that whatever is made to look
    /// like a host leads nowhere. A known provider is found by its own host wherever configuration has moved it.
    /// </summary>
    /// <param name="host">In whatever capitals, with its port where that is not the usual one.</param>
    /// <param name="provider">The provider, which may have no key.</param>
    public bool TryFindHost(string host, [NotNullWhen(true)] out Provider? provider) => _held.ByHost.TryGetValue(host, out provider);

    /// <summary>Every host at which there is a provider, with the one that is found there.</summary>
    public IEnumerable<(string Host, Provider Provider)> Hosts =>
        _held.ByHost.Select(place => (place.Key, place.Value)).OrderBy(place => place.Key, StringComparer.Ordinal);

    /// <summary>From now on these are the providers. What is known of their keys stays known of those that they still have.</summary>
    public void Replace(IEnumerable<Provider> providers)
    {
        var before = _held.ByName;
        _held = new Held([.. providers.Select(provider => before.TryGetValue(provider.Name, out var same) ? provider.Remembering(same) : provider)]);
    }

    /// <summary>One state of the catalog, by all that a provider is found by.</summary>
    private sealed class Held
    {
        public Held(List<Provider> providers)
        {
            ByName = providers
                .SelectMany(provider => new[] { provider.Name, provider.Alias }.OfType<string>().Select(name => (Name: name, Provider: provider)))
                .ToFrozenDictionary(named => named.Name, named => named.Provider, StringComparer.OrdinalIgnoreCase);
            Names = ByName.GetAlternateLookup<ReadOnlySpan<char>>();
            ByHost = providers.Where(provider => !provider.IsBuiltIn)
                .SelectMany(provider => HostsOf(provider).Select(place => (place.Host, place.Rank, Provider: provider)))
                .OrderBy(place => place.Rank).ThenBy(place => place.Provider.Credentials.Count == 0).ThenBy(place => place.Provider.Name, StringComparer.Ordinal)
                .DistinctBy(place => place.Host, StringComparer.OrdinalIgnoreCase)
                .ToFrozenDictionary(place => place.Host, place => place.Provider, StringComparer.OrdinalIgnoreCase);
        }

        public FrozenDictionary<string, Provider> ByName { get; }
        public FrozenDictionary<string, Provider>.AlternateLookup<ReadOnlySpan<char>> Names { get; }
        public FrozenDictionary<string, Provider> ByHost { get; }

        /// <summary>Of several providers at a host, the one that is named after it goes first, then the one that is known there.</summary>
        private static IEnumerable<(string Host, int Rank)> HostsOf(Provider provider)
        {
            if (provider.Name.Contains('.', StringComparison.Ordinal)) yield return (provider.Name, 0);
            if (KnownProviders.All.FirstOrDefault(known => known.Name == provider.Name) is { } known) yield return (known.BaseUrl.Authority, 1);
            yield return (provider.BaseUrl.Authority, 2);
        }
    }
}
