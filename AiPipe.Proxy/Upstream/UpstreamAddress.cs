using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Calls;
using AiPipe.Proxy.Errors;
using Microsoft.AspNetCore.Http.Extensions;

namespace AiPipe.Proxy.Upstream;

/// <summary>The upstream address of a call: the provider's base address, the rest of the path, and the query without keys.</summary>
internal static class UpstreamAddress
{
    public static Uri Create(CallContext call)
    {
        if (call.Routed is { Route.IsAlias: false } routed) return Create(call, routed.Target);
        var path = new PathString(call.Path).ToUriComponent();
        var address = call.Provider.BaseUrl.AbsoluteUri.TrimEnd('/') + path + Query(call);
        var uri = new Uri(address, UriKind.Absolute);
        // The path is below the provider's name, so it cannot change the host; this check stops the call if it ever does.
        return uri.Host == call.Provider.BaseUrl.Host
            ? uri
            : throw new InvalidOperationException("A path led away from its provider.");
    }

    /// <summary>
    /// The target's endpoint if set; its parameters are added later (<see cref="SecretParameters"/>), the caller's are dropped.
    /// </summary>
    private static Uri Create(CallContext call, Routing.RouteTarget target)
    {
        var address = call.Provider.BaseUrl;
        var path = target.Endpoint is { AbsolutePath.Length: > 1 } endpoint
            ? endpoint.AbsolutePath : address.AbsolutePath.TrimEnd('/') + call.Path;
        return new Uri(address.GetLeftPart(UriPartial.Authority) + path, UriKind.Absolute);
    }

    /// <summary>Without <c>key</c>, which is an AiPipe token or is sent as a header.</summary>
    private static string Query(CallContext call)
    {
        var request = call.Http.Request;
        if (call is { Provider.Dialect: Dialect.Gemini, Caller: Caller.User }) return GeminiQuery(request);
        return QueryWithoutKey(request);
    }

    public static string QueryWithoutKey(HttpRequest request)
    {
        if (!request.Query.ContainsKey("key")) return request.QueryString.ToUriComponent();
        var rest = new QueryBuilder(request.Query.Where(parameter => !parameter.Key.Equals("key", StringComparison.OrdinalIgnoreCase)));
        return rest.ToQueryString().ToUriComponent();
    }

    /// <summary>
    /// With our key, only parameters that keep the usage report: Google's system parameters can drop fields from a response or change its
    /// format (https://cloud.google.com/apis/docs/system-parameters).
    /// </summary>
    private static string GeminiQuery(HttpRequest request)
    {
        if (!request.QueryString.HasValue) return "";
        var passing = new QueryBuilder();
        foreach (var name in (string[])["alt", "pageSize", "pageToken"])
        {
            if (request.Query[name] is [{ } value] && (name != "alt" || value is "sse" or "json")) passing.Add(name, value);
        }
        return passing.ToQueryString().ToUriComponent();
    }
}
