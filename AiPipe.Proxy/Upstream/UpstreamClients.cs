using System.Net;
using System.Text;
using AiPipe.Proxy.Providers;
using AiPipe.Proxy.Providers.Demo;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Upstream;

/// <summary>The connections to providers: one pool for all of them, and the provider that needs none.</summary>
internal sealed class UpstreamClients(IOptions<ForwardingOptions> options, TimeProvider time) : IDisposable
{
    private readonly HttpMessageInvoker _network = new(Handler(options.Value));

    /// <summary>To whoever is no provider, too.</summary>
    public HttpMessageInvoker Network => _network;

    private readonly HttpMessageInvoker _builtIn = new(new DemoProvider(time));

    public HttpMessageInvoker For(Provider provider) => provider.IsBuiltIn ? _builtIn : _network;

    /// <summary>How connections to providers are made, whoever keeps them.</summary>
    public static SocketsHttpHandler Handler(ForwardingOptions options) => new()
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = options.ConnectTimeout,
        // Providers move their addresses; a connection older than this is not used again.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        // The span of the call is ours (§9 of the contract); providers are told nothing of our traces.
        ActivityHeadersPropagator = null,
        // As the server reads headers (and writes them: ServerSetup), so that they pass as the bytes they are.
        RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
        ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        // An answer that is stopped must end at the provider, too, and not be read on for the connection's sake.
        ResponseDrainTimeout = TimeSpan.Zero,
    };

    public void Dispose()
    {
        _network.Dispose();
        _builtIn.Dispose();
    }
}
