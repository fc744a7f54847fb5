namespace AiPipe.Proxy.Providers;

internal static class ProvidersSetup
{
    public static IHostApplicationBuilder AddProviders(this IHostApplicationBuilder builder)
    {
        // Read now, so that an invalid entry fails the start instead of the first call.
        builder.Services.AddSingleton(new ProviderCatalog(ProviderConfiguration.Read(builder.Configuration)))
            .AddSingleton<CredentialRotation>();
        return builder;
    }
}
