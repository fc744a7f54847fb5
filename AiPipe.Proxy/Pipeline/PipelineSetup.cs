using AiPipe.Proxy.Calls;

namespace AiPipe.Proxy.Pipeline;

internal static class PipelineSetup
{
    public static IHostApplicationBuilder AddPipeline(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<AuthenticationStage>().AddSingleton<PriceStage>().AddSingleton<ReferenceStage>()
            .AddSingleton<RateLimitStage>()
            .AddSingleton<ReservationStage>();
        builder.Services.AddSingleton<CallSettlement>().AddSingleton<CallPipeline>().AddSingleton<RoutePipeline>();
        return builder;
    }
}
