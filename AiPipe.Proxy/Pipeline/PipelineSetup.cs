using AiPipe.Proxy.Calls;

namespace AiPipe.Proxy.Pipeline;

/// <summary>Registers the pipeline of calls and its stages.</summary>
internal static class PipelineSetup
{
    public static IHostApplicationBuilder AddPipeline(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<AuthenticationStage>().AddSingleton<PriceStage>().AddSingleton<RateGuard>().AddSingleton<BudgetGuard>();
        builder.Services.AddSingleton<CallSettlement>().AddSingleton<TargetAttempts>().AddSingleton<RequestJourney>().AddSingleton<RouteJourney>();
        return builder;
    }
}
