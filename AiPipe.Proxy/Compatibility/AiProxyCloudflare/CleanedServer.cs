using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AiPipe.Proxy.Compatibility.AiProxyCloudflare;

/// <summary>Removes secrets from paths before the host copies the path into spans and log scopes.</summary>
internal sealed class CleanedServer([FromKeyedServices(nameof(CleanedServer))] IServer server, SecretPaths paths) : IServer
{
    public IFeatureCollection Features => server.Features;

    public static void Add(IServiceCollection services)
    {
        var server = services.Last(service => service.ServiceType == typeof(IServer) && !service.IsKeyedService);
        services.Add(new ServiceDescriptor(typeof(IServer), nameof(CleanedServer), server.ImplementationType!, ServiceLifetime.Singleton));
        services.Replace(ServiceDescriptor.Singleton<IServer, CleanedServer>());
    }

    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull =>
        server.StartAsync(new Application<TContext>(application, paths), cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => server.StopAsync(cancellationToken);

    /// <summary>The container disposes of the inner server.</summary>
    public void Dispose() { }

    private sealed class Application<TContext>(IHttpApplication<TContext> application, SecretPaths paths)
        : IHttpApplication<TContext> where TContext : notnull
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
