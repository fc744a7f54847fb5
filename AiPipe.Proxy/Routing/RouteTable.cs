using System.Diagnostics.CodeAnalysis;

namespace AiPipe.Proxy.Routing;

/// <summary>Finds routes and resolves aliases. A running call keeps its route when they change.</summary>
/// <param name="current">Reads the current routes, which are replaced as a whole.</param>
internal sealed class RouteTable(Func<RouteIndex> current)
{
    /// <summary>Includes disabled routes.</summary>
    public IReadOnlyList<ModelRoute> All => current().All;

    public bool TryFind(string method, string path, [NotNullWhen(true)] out ModelRoute? route)
    {
        route = current().Find(method, path);
        return route is not null;
    }

    /// <summary>Resolves an alias; <c>null</c> = the name is not an alias.</summary>
    public ModelRoute? AliasOf(string model) => current().Aliases.GetValueOrDefault(model);
}
