using Microsoft.AspNetCore.Http.Extensions;

namespace AiPipe.Proxy.Apis;

/// <summary>The query parameter <c>key</c>: an AiPipe token, or a key that is sent upstream as a header.</summary>
internal static class QueryKey
{
    /// <summary>Only the parameters with these names that appear once.</summary>
    /// <returns>With <c>?</c>, or empty.</returns>
    public static string Pick(HttpRequest request, IReadOnlyList<string> names)
    {
        if (!request.QueryString.HasValue) return "";
        var picked = new QueryBuilder();
        foreach (var name in names)
            if (request.Query[name] is [{ } value]) picked.Add(name, value);
        return picked.ToQueryString().ToUriComponent();
    }

    /// <returns>The query without the parameter: with <c>?</c>, or empty.</returns>
    public static string Remove(HttpRequest request)
    {
        if (!request.Query.ContainsKey("key")) return request.QueryString.ToUriComponent();
        var rest = new QueryBuilder(request.Query.Where(parameter => !parameter.Key.Equals("key", StringComparison.OrdinalIgnoreCase)));
        return rest.ToQueryString().ToUriComponent();
    }
}
