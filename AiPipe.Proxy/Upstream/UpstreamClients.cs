using System.Net;
using System.Text;
using AiPipe.Proxy.Providers;
using AiPipe.Proxy.Providers.Demo;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Upstream;

/// <summary>The connections to providers: one shared pool, and the built-in provider.</summary>
internal sealed class UpstreamClients(IOptions<ForwardingOptions> options, TimeProvider time) : IDisposable
{
    private readonly HttpMessageInvoker _network = new(new UnquotedErrors(Handler(options.Value)));

    public HttpMessageInvoker Network => _network;

    private readonly HttpMessageInvoker _builtIn = new(new DemoProvider(time));

    public HttpMessageInvoker For(Provider provider) => provider.IsBuiltIn ? _builtIn : _network;

    public static SocketsHttpHandler Handler(ForwardingOptions options) => new()
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = options.ConnectTimeout,
        // Follows DNS changes of providers.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        // AiPipe has its own client span; providers do not receive trace headers.
        ActivityHeadersPropagator = null,
        // The encoding that the server also uses (ServerSetup), so that header bytes pass unchanged.
        RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
        ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        // A stopped response must end at the provider, too, instead of being drained to keep the connection.
        ResponseDrainTimeout = TimeSpan.Zero,
    };

    public void Dispose()
    {
        _network.Dispose();
        _builtIn.Dispose();
    }
}
