using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace AiPipe.Proxy.Routing;

/// <summary>Finds routes and resolves aliases. All routes are replaced at once; a running call keeps its route.</summary>
internal sealed class RouteTable(IEnumerable<ModelRoute> routes)
{
    private volatile Index? _index = Index.Create([.. routes]);

    /// <summary>Includes disabled routes.</summary>
    public IReadOnlyList<ModelRoute> All => _index?.All ?? [];

    public void Replace(IEnumerable<ModelRoute> routes)
    {
        var before = All.ToDictionary(route => (route.IsAlias, route.Id.ToUpperInvariant()));
        _index = Index.Create([.. routes.Select(
            route => before.TryGetValue((route.IsAlias, route.Id.ToUpperInvariant()), out var same) ? route.Remembering(same) : route)]);
    }

    /// <summary>Finds a route: an exact path, then the longest prefix, then by priority.</summary>
    public bool TryFind(string method, string path, [NotNullWhen(true)] out ModelRoute? route)
    {
        route = _index?.Find(method, path);
        return route is not null;
    }

    /// <summary>Resolves an alias; <c>null</c> = the name is not an alias.</summary>
    public ModelRoute? AliasOf(string model) => _index is { } index && index.Aliases.TryGetValue(model, out var alias) ? alias : null;

    private sealed record Index(
        IReadOnlyList<ModelRoute> All, FrozenDictionary<string, ModelRoute[]> Exact, (string Prefix, ModelRoute[] Routes)[] Prefixes,
        FrozenDictionary<string, ModelRoute> Aliases)
    {
        public static Index? Create(IReadOnlyList<ModelRoute> routes)
        {
            if (routes.Count == 0) return null;
            var byPath = routes.Where(route => route.IsEnabled)
                .SelectMany(route => route.Paths.Distinct(StringComparer.Ordinal).Select(path => (Path: path, Route: route)))
                .GroupBy(entry => entry.Path, entry => entry.Route, StringComparer.Ordinal)
                .Select(group => (Path: group.Key, Routes: group.OrderByDescending(route => route.Priority)
                    .ThenByDescending(route => route.UpdatedAt).ThenBy(route => route.Id, StringComparer.Ordinal).ToArray()))
                .ToList();
            return new Index(
                routes,
                byPath.Where(entry => !entry.Path.EndsWith('*'))
                    .ToFrozenDictionary(entry => entry.Path, entry => entry.Routes, StringComparer.Ordinal),
                [.. byPath.Where(entry => entry.Path.EndsWith('*')).Select(entry => (entry.Path[..^1], entry.Routes))
                    .OrderByDescending(entry => entry.Item1.Length)],
                routes.Where(route => route.IsAlias).ToFrozenDictionary(route => route.Id, StringComparer.OrdinalIgnoreCase));
        }

        public ModelRoute? Find(string method, string path)
        {
            if (Exact.TryGetValue(path, out var exact) && Array.Find(exact, route => route.Takes(method)) is { } found) return found;
            foreach (var (prefix, routes) in Prefixes)
                if (path.StartsWith(prefix, StringComparison.Ordinal)
                    && Array.Find(routes, route => route.Takes(method)) is { } longest) return longest;
            return null;
        }
    }
}
