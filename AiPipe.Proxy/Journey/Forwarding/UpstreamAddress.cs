using Microsoft.AspNetCore.Http.Extensions;

namespace AiPipe.Proxy.Journey.Forwarding;

/// <summary>Where a call goes: the provider's base address, the rest of the path, and the query without any key.</summary>
internal static class UpstreamAddress
{
    public static Uri Of(GatewayCall call)
    {
        var path = new PathString(call.Path).ToUriComponent();
        var address = call.Provider.BaseUrl.AbsoluteUri.TrimEnd('/') + path + Query(call.Http.Request);
        var uri = new Uri(address, UriKind.Absolute);
        // The path is below the provider's name in ours, so it cannot name another host; should that ever fail, nothing leaves.
        return uri.Host == call.Provider.BaseUrl.Host
            ? uri
            : throw new InvalidOperationException("A path led away from its provider.");
    }

    /// <summary>The caller's query, less <c>key</c>: it is a token of ours or goes as a header.</summary>
    private static string Query(HttpRequest request)
    {
        if (!request.Query.ContainsKey("key")) return request.QueryString.ToUriComponent();
        var rest = new QueryBuilder(request.Query.Where(parameter => !parameter.Key.Equals("key", StringComparison.OrdinalIgnoreCase)));
        return rest.ToQueryString().ToUriComponent();
    }
}
