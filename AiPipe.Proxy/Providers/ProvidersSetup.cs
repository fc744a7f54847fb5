namespace AiPipe.Proxy.Providers;

internal static class ProvidersSetup
{
    /// <summary>Registers the providers; they are read now, so that an invalid entry fails the start instead of the first call.</summary>
    public static IHostApplicationBuilder AddProviders(this IHostApplicationBuilder builder, out IReadOnlyList<Provider> providers)
    {
        providers = ProviderConfiguration.Read(builder.Configuration);
        builder.Services.AddSingleton(new ProviderCatalog(providers)).AddSingleton<CredentialRotation>();
        return builder;
    }
}
