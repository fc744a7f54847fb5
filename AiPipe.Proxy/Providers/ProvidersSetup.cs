namespace AiPipe.Proxy.Providers;

/// <summary>Registers the providers and the rotation of their keys.</summary>
internal static class ProvidersSetup
{
    public static IHostApplicationBuilder AddProviders(this IHostApplicationBuilder builder)
    {
        // Read now, so that a wrong entry stops the start and not the first call.
        builder.Services.AddSingleton(new ProviderCatalog(ProviderConfiguration.Read(builder.Configuration))).AddSingleton<CredentialRotation>();
        return builder;
    }
}
