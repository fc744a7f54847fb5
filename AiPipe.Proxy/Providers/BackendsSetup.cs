using AiPipe.Proxy.Callers.Access;
using AiPipe.Proxy.Routing;

namespace AiPipe.Proxy.Providers;

internal static class BackendsSetup
{
    public static IHostApplicationBuilder AddBackends(this IHostApplicationBuilder builder)
    {
        // Read now, so that a wrong entry stops the start and not the first call.
        var providers = ProviderConfiguration.Read(builder.Configuration);
        builder.Services.AddSingleton(new ProviderCatalog(providers)).AddSingleton(new RouteBook(RouteReader.Read(builder.Configuration, providers))).AddSingleton<CredentialRotation>();
        builder.Services.AddOptions<AccessOptions>()
            .Configure<IConfiguration, ProviderCatalog>(static (options, configuration, providers) =>
                options.Read(configuration.GetSection(AccessOptions.Section), providers))
            .ValidateOnStart();
        builder.Services.AddSingleton<AccessGuard>();
        return builder;
    }
}
