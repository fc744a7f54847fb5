using System.Diagnostics.CodeAnalysis;

namespace AiPipe.Proxy.Providers;

/// <summary>All providers of this instance. A running call keeps its provider when they change.</summary>
/// <param name="current">Reads the current providers, which are replaced as a whole.</param>
internal sealed class ProviderCatalog(Func<ProviderIndex> current)
{
    public IEnumerable<Provider> All => current().All.OrderBy(provider => provider.Name, StringComparer.Ordinal);

    /// <summary>The texts of all keys of ours, which no response may contain.</summary>
    public KeyTexts Keys => current().Keys;

    public bool TryFind(string name, [NotNullWhen(true)] out Provider? provider) => current().ByName.TryGetValue(name, out provider);

    public bool Has(ReadOnlySpan<char> name) => current().Names.ContainsKey(name);

    /// <summary>
    /// Finds the provider of <c>X-Host-Final</c>. A known provider is found by its default host even if its address is configured.
    /// </summary>
    public bool TryFindHost(string host, [NotNullWhen(true)] out Provider? provider) => current().ByHost.TryGetValue(host, out provider);

    public IEnumerable<(string Host, Provider Provider)> Hosts =>
        current().ByHost.Select(place => (place.Key, place.Value)).OrderBy(place => place.Key, StringComparer.Ordinal);
}
