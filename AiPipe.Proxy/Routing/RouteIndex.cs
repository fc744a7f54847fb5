using System.Collections.Frozen;

namespace AiPipe.Proxy.Routing;

/// <summary>Routes by path, and aliases. Immutable, except for the state of their targets.</summary>
/// <param name="All">Includes disabled routes.</param>
/// <param name="Exact">By path.</param>
/// <param name="Prefixes">The longest first.</param>
/// <param name="Aliases">By name.</param>
internal sealed record RouteIndex(
    IReadOnlyList<ModelRoute> All, FrozenDictionary<string, ModelRoute[]> Exact, (string Prefix, ModelRoute[] Routes)[] Prefixes,
    FrozenDictionary<string, ModelRoute> Aliases)
{
    public static RouteIndex Create(IReadOnlyList<ModelRoute> routes)
    {
        var byPath = routes.Where(route => route.IsEnabled)
            .SelectMany(route => route.Paths.Distinct(StringComparer.Ordinal).Select(path => (Path: path, Route: route)))
            .GroupBy(entry => entry.Path, entry => entry.Route, StringComparer.Ordinal)
            .Select(group => (Path: group.Key, Routes: group.OrderByDescending(route => route.Priority)
                .ThenByDescending(route => route.UpdatedAt).ThenBy(route => route.Id, StringComparer.Ordinal).ToArray()))
            .ToList();
        return new RouteIndex(
            routes,
            byPath.Where(entry => !entry.Path.EndsWith('*'))
                .ToFrozenDictionary(entry => entry.Path, entry => entry.Routes, StringComparer.Ordinal),
            [.. byPath.Where(entry => entry.Path.EndsWith('*')).Select(entry => (entry.Path[..^1], entry.Routes))
                .OrderByDescending(entry => entry.Item1.Length)],
            routes.Where(route => route.IsAlias).ToFrozenDictionary(route => route.Id, StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>The same routes; targets that were configured before keep their state.</summary>
    public RouteIndex Remembering(RouteIndex before)
    {
        var known = before.All.ToDictionary(KeyOf);
        return Create([.. All.Select(route => known.TryGetValue(KeyOf(route), out var same) ? route.Remembering(same) : route)]);
    }

    /// <summary>Finds a route: an exact path, then the longest prefix, then by priority.</summary>
    public ModelRoute? Find(string method, string path)
    {
        if (Exact.TryGetValue(path, out var exact) && Array.Find(exact, route => route.Takes(method)) is { } found) return found;
        foreach (var (prefix, routes) in Prefixes)
            if (path.StartsWith(prefix, StringComparison.Ordinal)
                && Array.Find(routes, route => route.Takes(method)) is { } longest) return longest;
        return null;
    }

    private static (bool, string) KeyOf(ModelRoute route) => (route.IsAlias, route.Id.ToUpperInvariant());
}
