using AiPipe.Proxy.Compatibility.OriginalAiPipe.Fetch;
using AiPipe.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace AiPipe.Tests.Compatibility.OriginalAiPipe.Fetch;

/// <summary>A test with a site and a gateway that may fetch from it.</summary>
public abstract class FetchTest : IAsyncLifetime
{
    private protected FeatureHost Site { get; private set; } = null!;
    private protected FeatureHost Gateway { get; private set; } = null!;
    /// <summary>How the site answers.</summary>
    protected RequestDelegate Answer { get; set; } = static http => http.Response.WriteAsync("hello");

    public virtual async ValueTask InitializeAsync()
    {
        Site = await FeatureHost.StartSiteAsync(http => Answer(http));
        Gateway = await StartGatewayAsync([]);
    }

    private protected Task<FeatureHost> StartGatewayAsync(Dictionary<string, string?> settings)
    {
        settings["AiPipe:Fetch:AllowedHosts:0"] = Site.Place;
        return FeatureHost.StartAsync(builder => builder.AddFetch(), routes => routes.MapFetch(), settings);
    }

    private protected static Task<HttpResponseMessage> FetchAsync(
        FeatureHost gateway, string url, HttpMethod? method = null, HttpContent? content = null,
            CancellationToken cancellationToken = default)
    {
        var request = new HttpRequestMessage(method ?? HttpMethod.Get, $"{gateway.Address}/proxy/{url}") { Content = content };
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {gateway.Token}");
        return gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    protected Task<HttpResponseMessage> FetchAsync(string url) => FetchAsync(Gateway, url);

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Gateway.DisposeAsync();
        await Site.DisposeAsync();
    }
}
