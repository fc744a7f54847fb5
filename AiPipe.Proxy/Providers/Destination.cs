using AiPipe.Proxy.Errors;
using Microsoft.Extensions.Primitives;

namespace AiPipe.Proxy.Providers;

/// <summary>
/// Which provider a request is for, and what is asked of it: <c>/{provider}/…</c>, <c>/v1/…</c> for OpenAI, or, wherever the header
/// <c>X-Host-Final</c> says so, the provider at that host. Only hosts that an admin has given a key for are obeyed.
/// </summary>
/// <param name="Provider">The provider.</param>
/// <param name="Path">What is appended to its base address.</param>
internal readonly record struct Destination(Provider Provider, string Path)
{
    public const string HostHeader = "X-Host-Final";

    /// <summary>The first segment of paths that name no provider.</summary>
    public const string Version = "v1";

    private const string Usual = "openai";

    /// <summary>Exactly one of the two is there.</summary>
    /// <param name="request">The request.</param>
    /// <param name="first">The first segment of its path.</param>
    /// <param name="providers">Where to look.</param>
    public static (Destination? Found, Refusal? Refusal) FromRequest(HttpRequest request, string first, ProviderCatalog providers)
    {
        var (path, hosts) = (request.Path, request.Headers[HostHeader]);
        if (!StringValues.IsNullOrEmpty(hosts)) return AtHost(hosts, path, first, providers);
        if (first == Version && providers.TryFind(Usual, out var usual)) return (new Destination(usual, path.Value!), null);
        return providers.TryFind(first, out var named) ? (new Destination(named, Below("/" + first, path)!), null) : (null, Refusal.UnknownProvider(first));
    }

    private static (Destination?, Refusal?) AtHost(StringValues hosts, PathString path, string first, ProviderCatalog providers)
    {
        if (hosts is not [{ } host] || !providers.TryFindHost(host, out var provider) || provider.Credentials.Count == 0) return (null, Refusal.HostNotAllowed());
        // As the path is at that host (/openai/v1/… at Groq's), or as it is here, with or without the name of a provider.
        var rest = Below(provider.BaseUrl.AbsolutePath.TrimEnd('/'), path)
            ?? (first == Version ? path.Value : providers.TryFind(first, out _) ? Below("/" + first, path) : null);
        return rest is null ? (null, Refusal.UnknownProvider(first)) : (new Destination(provider, rest), null);
    }

    private static string? Below(string start, PathString path) =>
        start.Length > 0 && path.StartsWithSegments(start, out var rest) ? rest.Value ?? "" : null;
}
