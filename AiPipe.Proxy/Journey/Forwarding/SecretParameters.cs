using AiPipe.Proxy.Journey.Backends.Routes;
using Microsoft.AspNetCore.Http.Extensions;

namespace AiPipe.Proxy.Journey.Forwarding;

/// <summary>Adds a target's parameters to an address at the last moment: the forwarder writes addresses to the log, and these may be keys.</summary>
internal sealed class SecretParameters(HttpMessageHandler next) : DelegatingHandler(next)
{
    private static readonly HttpRequestOptionsKey<string> Key = new(nameof(SecretParameters));

    public static void Set(HttpRequestMessage request, RouteTarget target)
    {
        if (target.Query.Count > 0) request.Options.Set(Key, new QueryBuilder(target.Query).ToQueryString().ToUriComponent());
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Options.TryGetValue(Key, out var added) && request.RequestUri is { } address)
            request.RequestUri = new Uri(address.AbsoluteUri + (address.Query.Length == 0 ? added : $"&{added[1..]}"), UriKind.Absolute);
        return base.SendAsync(request, cancellationToken);
    }
}
