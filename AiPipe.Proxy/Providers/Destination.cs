using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Errors;
using Microsoft.Extensions.Primitives;

namespace AiPipe.Proxy.Providers;

/// <summary>
/// The provider and path of a request: <c>/{provider}/…</c>, <c>/v1/…</c> for OpenAI, or the host in the header <c>X-Host-Final</c>. Only
/// hosts that the administrator configured a key for are accepted.
/// </summary>
internal readonly record struct Destination(Provider Provider, ApiPath Path)
{
    public const string HostHeader = "X-Host-Final";

    /// <summary>The first segment of paths without a provider's name.</summary>
    public const string Version = "v1";

    private const string Usual = "openai";

    /// <param name="path">The request's path, without what AiPipe adds before it.</param>
    /// <param name="first">Its first segment.</param>
    public static (Destination? Found, Refusal? Refusal) FromRequest(
        HttpRequest request, PathString path, string first, ProviderCatalog providers)
    {
        var hosts = request.Headers[HostHeader];
        if (!StringValues.IsNullOrEmpty(hosts)) return AtHost(hosts, path, first, providers);
        if (first == Version && providers.TryFind(Usual, out var usual)) return (Create(usual, path.Value!), null);
        return providers.TryFind(first, out var named)
            ? (Create(named, Below("/" + first, path)!), null) : (null, Refusal.UnknownProvider(first));
    }

    private static (Destination?, Refusal?) AtHost(StringValues hosts, PathString path, string first, ProviderCatalog providers)
    {
        if (hosts is not [{ } host] || !providers.TryFindHost(host, out var provider) || provider.Credentials.Count == 0) return (
            null, Refusal.HostNotAllowed());
        // Either the path at that host (/openai/v1/… for Groq) or the path here, with or without a provider's name.
        var rest = Below(provider.BaseUrl.AbsolutePath.TrimEnd('/'), path)
            ?? (first == Version ? path.Value : providers.TryFind(first, out _) ? Below("/" + first, path) : null);
        return rest is null ? (null, Refusal.UnknownProvider(first)) : (Create(provider, rest), null);
    }

    private static Destination Create(Provider provider, string path)
    {
        var (api, read) = ProviderPath.Read(provider, path);
        return new Destination(api, read);
    }

    private static string? Below(string start, PathString path) =>
        start.Length > 0 && path.StartsWithSegments(start, out var rest) ? rest.Value ?? "" : null;
}
