namespace AiPipe.Proxy.Pricing;

internal static class PricingSetup
{
    public static IHostApplicationBuilder AddPricing(this IHostApplicationBuilder builder)
    {
        // Read now, so that an invalid price fails the start instead of the first call.
        var overrides = PriceOverrides.Read(builder.Configuration);
        builder.Services.AddSingleton(services => new PriceTable(overrides, services.GetRequiredService<TimeProvider>()))
            .AddSingleton<PriceResolver>();
        return builder;
    }
}
