using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace AiPipe.Proxy.Journey.Backends.Routes;

/// <summary>
/// Which route a request takes, if any. All routes are replaced at once: a call that has its route goes on with it as it was. Without
/// routes, asking costs one look at a field.
/// </summary>
internal sealed class RouteBook(IEnumerable<ModelRoute> routes)
{
    private volatile Index? _index = Index.Of(routes);

    /// <summary>From now on these are the routes.</summary>
    public void Replace(IEnumerable<ModelRoute> routes) => _index = Index.Of(routes);

    /// <summary>The route of a request: an exact path before the longest beginning, then by priority.</summary>
    /// <param name="method">HTTP method.</param>
    /// <param name="path">Decoded, as it stands in the request.</param>
    /// <param name="route">The route.</param>
    public bool TryFind(string method, string path, [NotNullWhen(true)] out ModelRoute? route)
    {
        route = _index?.Find(method, path);
        return route is not null;
    }

    private sealed record Index(FrozenDictionary<string, ModelRoute[]> Exact, (string Prefix, ModelRoute[] Routes)[] Prefixes)
    {
        public static Index? Of(IEnumerable<ModelRoute> routes)
        {
            var byPath = routes.Where(route => route.IsEnabled)
                .SelectMany(route => route.Paths.Distinct(StringComparer.Ordinal).Select(path => (Path: path, Route: route)))
                .GroupBy(entry => entry.Path, entry => entry.Route, StringComparer.Ordinal)
                .Select(group => (Path: group.Key, Routes: group.OrderByDescending(route => route.Priority).ThenByDescending(route => route.UpdatedAt).ThenBy(route => route.Id, StringComparer.Ordinal).ToArray()))
                .ToList();
            if (byPath.Count == 0) return null;
            return new Index(
                byPath.Where(entry => !entry.Path.EndsWith('*')).ToFrozenDictionary(entry => entry.Path, entry => entry.Routes, StringComparer.Ordinal),
                [.. byPath.Where(entry => entry.Path.EndsWith('*')).Select(entry => (entry.Path[..^1], entry.Routes)).OrderByDescending(entry => entry.Item1.Length)]);
        }

        public ModelRoute? Find(string method, string path)
        {
            if (Exact.TryGetValue(path, out var exact) && Array.Find(exact, route => route.Takes(method)) is { } found) return found;
            foreach (var (prefix, routes) in Prefixes)
                if (path.StartsWith(prefix, StringComparison.Ordinal) && Array.Find(routes, route => route.Takes(method)) is { } longest) return longest;
            return null;
        }
    }
}
