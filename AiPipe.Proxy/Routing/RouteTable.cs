using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace AiPipe.Proxy.Routing;

/// <summary>
/// Which route a request takes, if any, and what an alias stands for. All routes are replaced at once: a call that has its route goes on
/// with it as it was. Without routes, asking costs one look at a field.
/// </summary>
internal sealed class RouteTable(IEnumerable<ModelRoute> routes)
{
    private volatile Index? _index = Index.Of([.. routes]);

    /// <summary>Every route and every alias, switched on or not.</summary>
    public IReadOnlyList<ModelRoute> All => _index?.All ?? [];

    /// <summary>From now on these are the routes. What is known of targets that stay, stays known.</summary>
    public void Replace(IEnumerable<ModelRoute> routes)
    {
        var before = All.ToDictionary(route => (route.IsAlias, route.Id.ToUpperInvariant()));
        _index = Index.Of([.. routes.Select(route => before.TryGetValue((route.IsAlias, route.Id.ToUpperInvariant()), out var same) ? route.Remembering(same) : route)]);
    }

    /// <summary>The route of a request: an exact path before the longest beginning, then by priority.</summary>
    /// <param name="method">HTTP method.</param>
    /// <param name="path">Decoded, as it stands in the request.</param>
    /// <param name="route">The route.</param>
    public bool TryFind(string method, string path, [NotNullWhen(true)] out ModelRoute? route)
    {
        route = _index?.Find(method, path);
        return route is not null;
    }

    /// <summary>What a model's name stands for where it is an alias; <c>null</c> = it is the model's own.</summary>
    public ModelRoute? AliasOf(string model) => _index is { } index && index.Aliases.TryGetValue(model, out var alias) ? alias : null;

    private sealed record Index(
        IReadOnlyList<ModelRoute> All, FrozenDictionary<string, ModelRoute[]> Exact, (string Prefix, ModelRoute[] Routes)[] Prefixes,
        FrozenDictionary<string, ModelRoute> Aliases)
    {
        public static Index? Of(IReadOnlyList<ModelRoute> routes)
        {
            if (routes.Count == 0) return null;
            var byPath = routes.Where(route => route.IsEnabled)
                .SelectMany(route => route.Paths.Distinct(StringComparer.Ordinal).Select(path => (Path: path, Route: route)))
                .GroupBy(entry => entry.Path, entry => entry.Route, StringComparer.Ordinal)
                .Select(group => (Path: group.Key, Routes: group.OrderByDescending(route => route.Priority).ThenByDescending(route => route.UpdatedAt).ThenBy(route => route.Id, StringComparer.Ordinal).ToArray()))
                .ToList();
            return new Index(
                routes,
                byPath.Where(entry => !entry.Path.EndsWith('*')).ToFrozenDictionary(entry => entry.Path, entry => entry.Routes, StringComparer.Ordinal),
                [.. byPath.Where(entry => entry.Path.EndsWith('*')).Select(entry => (entry.Path[..^1], entry.Routes)).OrderByDescending(entry => entry.Item1.Length)],
                routes.Where(route => route.IsAlias).ToFrozenDictionary(route => route.Id, StringComparer.OrdinalIgnoreCase));
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
