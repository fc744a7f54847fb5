using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AiPipe.Proxy.Compatibility.AiProxyCloudflare;

/// <summary>
/// The web server, with secrets taken out of paths before the host sees a request: the host puts the path into the request's span and into the
/// scope of all its log lines before the first middleware runs.
/// </summary>
internal sealed class CleanedServer([FromKeyedServices(nameof(CleanedServer))] IServer server, SecretPaths paths) : IServer
{
    public IFeatureCollection Features => server.Features;

    /// <summary>Puts itself before the server that is registered.</summary>
    public static void Add(IServiceCollection services)
    {
        var server = services.Last(service => service.ServiceType == typeof(IServer) && !service.IsKeyedService);
        services.Add(new ServiceDescriptor(typeof(IServer), nameof(CleanedServer), server.ImplementationType!, ServiceLifetime.Singleton));
        services.Replace(ServiceDescriptor.Singleton<IServer, CleanedServer>());
    }

    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken) where TContext : notnull =>
        server.StartAsync(new Application<TContext>(application, paths), cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => server.StopAsync(cancellationToken);

    /// <summary>The server belongs to whoever made it.</summary>
    public void Dispose() { }

    private sealed class Application<TContext>(IHttpApplication<TContext> application, SecretPaths paths) : IHttpApplication<TContext> where TContext : notnull
    {
        public TContext CreateContext(IFeatureCollection contextFeatures)
        {
            paths.Clean(contextFeatures);
            return application.CreateContext(contextFeatures);
        }

        public Task ProcessRequestAsync(TContext context) => application.ProcessRequestAsync(context);

        public void DisposeContext(TContext context, Exception? exception) => application.DisposeContext(context, exception);
    }
}
