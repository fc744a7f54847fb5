using AiPipe.Proxy.Apis;

namespace AiPipe.Proxy.Providers;

/// <summary>
/// Translates paths: those of clients into the one form that endpoints, access rules and aliases use, and that form into the provider's.
/// </summary>
internal static class ProviderPath
{
    /// <summary>The API of a provider that a client's path means.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="path">Below the provider's name: any that SDKs of the provider or of its dialect use.</param>
    public static (Provider Provider, ApiPath Path) Read(Provider provider, string path)
    {
        path = Starts(provider).Select(start => ApiPath.Below(start, path)).FirstOrDefault(static rest => rest is not null) ?? path;
        var read = provider.Dialect.Normalise(path);
        foreach (var surface in provider.Surfaces)
        {
            if (ApiPath.Below(surface.Path, read.Path) is not { } below) continue;
            return (surface.Of(provider), surface.Dialect.Normalise(below) with { Version = read.Version });
        }
        return (provider, read);
    }

    /// <summary>The path at the provider's host, with that of its address. A version is never there twice.</summary>
    public static string Write(Provider provider, ApiPath path)
    {
        var (start, rest) = (provider.BaseUrl.AbsolutePath.TrimEnd('/'), path.Path);
        foreach (var (ours, theirs) in provider.Paths)
        {
            if (ApiPath.Below(ours, rest) is not { } below) continue;
            rest = theirs + below;
            break;
        }
        var last = start.LastIndexOf('/') + 1;
        if (path.Version is { } version) return WithVersion(start, version) + rest;
        return last > 0 && ApiPath.IsVersion(start.AsSpan(last)) && ApiPath.Below(provider.Dialect.Version, rest) is { } unversioned
            ? start + unversioned : start + rest;
    }

    /// <summary>Puts the caller's version in the place of the address's, or behind it.</summary>
    private static string WithVersion(string start, string version)
    {
        var segments = start.Split('/');
        var at = Array.FindLastIndex(segments, static segment => ApiPath.IsVersion(segment));
        if (at < 0) return $"{start}/{version}";
        segments[at] = version;
        return string.Join('/', segments);
    }

    /// <summary>
    /// What SDKs that expect the provider's host send first: the path of its address (<c>/openai</c> of Groq), even if another one is
    /// configured, and the version in it (<c>/v4</c>).
    /// </summary>
    private static IEnumerable<string> Starts(Provider provider)
    {
        foreach (var address in (Uri?[])[provider.BaseUrl, KnownProviders.All.ByName(provider.Name)?.BaseUrl])
        {
            if (address?.AbsolutePath.TrimEnd('/') is not { Length: > 0 } start) continue;
            yield return start;
            var last = start.LastIndexOf('/');
            if (last > 0 && ApiPath.IsVersion(start.AsSpan(last + 1))) yield return start[last..];
        }
    }
}
