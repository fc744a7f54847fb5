namespace AiPipe.Proxy.Providers;

internal static class ProvidersSetup
{
    /// <summary>Registers the providers; they are read now, so that an invalid entry fails the start instead of the first call.</summary>
    public static IHostApplicationBuilder AddProviders(this IHostApplicationBuilder builder, out IReadOnlyList<Provider> providers)
    {
        providers = ProviderConfiguration.Read(builder.Configuration);
        builder.Services.AddSingleton(new ProviderIndex(providers)).AddSingleton<ProviderCatalog>().AddSingleton<CredentialRotation>()
            .AddSingleton<StreamUsageSupport>();
        return builder;
    }
}
