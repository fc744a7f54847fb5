using AiPipe.Proxy.Routing;
using Microsoft.AspNetCore.Http.Extensions;

namespace AiPipe.Proxy.Upstream;

/// <summary>Adds secret query parameters to the address at the last moment, because the forwarder logs addresses.</summary>
internal sealed class SecretParameters(HttpMessageHandler next) : DelegatingHandler(next)
{
    private static readonly HttpRequestOptionsKey<string> Key = new(nameof(SecretParameters));

    public static void Set(HttpRequestMessage request, RouteTarget target)
    {
        var query = new QueryBuilder(target.Query).ToQueryString().ToUriComponent();
        var own = target.EndpointQuery;
        if (own.Length > 0) query = query.Length > 0 ? $"?{own}&{query[1..]}" : $"?{own}";
        if (query.Length > 0) request.Options.Set(Key, query);
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Options.TryGetValue(Key, out var added) && request.RequestUri is { } address)
            request.RequestUri = new Uri(address.AbsoluteUri + (address.Query.Length == 0 ? added : $"&{added[1..]}"), UriKind.Absolute);
        return base.SendAsync(request, cancellationToken);
    }
}
