using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Apis.OpenAi;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Calls;
using AiPipe.Proxy.Providers;

namespace AiPipe.Proxy.Upstream;

/// <summary>The upstream address of a call: the provider's base address, the rest of the path, and the query without keys.</summary>
internal static class UpstreamAddress
{
    public static Uri Create(CallContext call)
    {
        if (call.Routed is { Route.IsAlias: false } routed) return Create(call, routed.Target);
        var path = ProviderPath.Write(call.Provider, new ApiPath(Encoded(call.Path), call.ApiVersion));
        var uri = new Uri(call.Provider.BaseUrl.GetLeftPart(UriPartial.Authority) + path + Query(call), UriKind.Absolute);
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
            ? endpoint.AbsolutePath : ProviderPath.Write(call.Provider, new ApiPath(Encoded(call.Path)));
        return new Uri(address.GetLeftPart(UriPartial.Authority) + path, UriKind.Absolute);
    }

    private static string Encoded(string path) => new PathString(path).ToUriComponent();

    private static string Query(CallContext call)
    {
        var query = call.Caller is Caller.User
            ? call.Provider.Dialect.AllowedQuery(call.Http.Request)
            : QueryKey.Remove(call.Http.Request);
        const string Version = "api-version";
        if (call.Provider.ApiVersion is not { } version || !AzureDialect.RequiresVersion(call.Path)
            || call.Http.Request.Query.ContainsKey(Version)) return query;
        return $"{(query.Length > 0 ? query + '&' : "?")}{Version}={Uri.EscapeDataString(version)}";
    }
}
