using AiPipe.Proxy.Providers;

namespace AiPipe.Proxy.Callers.Access;

internal static class AccessSetup
{
    public static IHostApplicationBuilder AddAccess(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<AccessOptions>()
            .Configure<IConfiguration, ProviderIndex>(static (options, configuration, providers) =>
                options.Read(configuration.GetSection(AccessOptions.Section), providers.All))
            .ValidateOnStart();
        builder.Services.AddSingleton<AccessGuard>();
        return builder;
    }
}
