namespace AiPipe.Proxy.Pricing;

internal static class PricingSetup
{
    public static IHostApplicationBuilder AddPricing(this IHostApplicationBuilder builder)
    {
        // Read now, so that a wrong price stops the start and not the first call.
        var overrides = PriceOverrides.Read(builder.Configuration);
        builder.Services.AddSingleton(services => new PriceTable(overrides, services.GetRequiredService<TimeProvider>())).AddSingleton<PriceResolver>();
        return builder;
    }
}
