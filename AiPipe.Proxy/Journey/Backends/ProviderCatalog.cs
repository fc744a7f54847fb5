using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using AiPipe.Proxy.Journey.Authentication;

namespace AiPipe.Proxy.Journey.Backends;

/// <summary>
/// The providers of this instance, built from what is known and what is configured. They are replaced whole: a call that has its provider
/// goes on with it as it was.
/// </summary>
internal sealed class ProviderCatalog(IEnumerable<Provider> providers)
{
    private volatile FrozenDictionary<string, Provider> _byName = ByName(providers);

    /// <summary>Every provider once, by name.</summary>
    public IEnumerable<Provider> All => _byName.Values.Distinct().OrderBy(provider => provider.Name, StringComparer.Ordinal);

    public bool TryFind(string name, [NotNullWhen(true)] out Provider? provider) => _byName.TryGetValue(name, out provider);

    /// <summary>From now on these are the providers. What is known of their keys stays known of those that they still have.</summary>
    public void Replace(IEnumerable<Provider> providers)
    {
        var before = _byName;
        _byName = ByName(providers.Select(provider => before.TryGetValue(provider.Name, out var same) ? provider.Remembering(same) : provider));
    }

    private static FrozenDictionary<string, Provider> ByName(IEnumerable<Provider> providers) => providers
        .SelectMany(provider => new[] { provider.Name, provider.Alias }.OfType<string>().Select(name => (Name: name, Provider: provider)))
        .ToFrozenDictionary(named => named.Name, named => named.Provider, StringComparer.OrdinalIgnoreCase);

    /// <summary>The second stage of the journey: fills in <see cref="GatewayCall.Endpoint"/>.</summary>
    public static Refusal? Route(GatewayCall call)
    {
        if (LeadsUpwards(call.Path)) return Refusal.InvalidRequest("The path must not have segments of dots.");
        if (call.Caller is Caller.OwnKey)
        {
            call.Endpoint = ProviderEndpoint.Unchecked;
            return null;
        }
        var provider = call.Provider;
        if (provider.Credentials.Count == 0)
        {
            return Refusal.ProviderNotConfigured(provider.Name, provider.KeyVariable is { } variable
                ? $"The administrator sets {variable} or AiPipe:Providers:{provider.Name}:Keys."
                : $"The administrator sets AiPipe:Providers:{provider.Name}:Keys.");
        }
        if (MeteredEndpoints.Find(provider.Dialect, call.Http.Request.Method, call.Path) is not { } endpoint)
            return Refusal.EndpointNotMetered($"{call.Http.Request.Method} {call.Path}", MeteredEndpoints.Describe(provider.Dialect));
        call.Endpoint = endpoint;
        return null;
    }

    /// <summary>
    /// The server takes <c>..</c> out of most paths, but not where a request names its whole address and hides the slash in
    /// <c>%2f</c>. Sent on, it would be resolved, past the list of endpoints and past the provider's base path.
    /// </summary>
    private static bool LeadsUpwards(string path) =>
        path.AsSpan().ContainsAny('.', '%')
        && path.Replace("%2e", ".", StringComparison.OrdinalIgnoreCase).Split('/', '\\').Any(segment => segment is "." or "..");
}
