namespace AiPipe.Proxy.Journey.Backends;

internal static class BackendsSetup
{
    public static IHostApplicationBuilder AddBackends(this IHostApplicationBuilder builder)
    {
        // Read now, so that a wrong entry stops the start and not the first call.
        var catalog = new ProviderCatalog(ProviderConfiguration.Read(builder.Configuration));
        builder.Services.AddSingleton(catalog).AddSingleton<CredentialRotation>();
        return builder;
    }
}
