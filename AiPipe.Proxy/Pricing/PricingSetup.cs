namespace AiPipe.Proxy.Pricing;

internal static class PricingSetup
{
    public static IHostApplicationBuilder AddPricing(this IHostApplicationBuilder builder)
    {
        // Read now, so that an invalid price fails the start instead of the first call.
        builder.Services.AddSingleton(new OverriddenPrices(PriceOverrides.Read(builder.Configuration)))
            .AddSingleton<PriceTable>().AddSingleton<ChargedModels>().AddSingleton<PriceResolver>();
        return builder;
    }
}
