using AiPipe.Proxy.Journey.Budgets.Redis;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AiPipe.Proxy.Journey.Budgets;

/// <summary>Registers the stage: who may spend what.</summary>
internal static class BudgetsSetup
{
    public static IHostApplicationBuilder AddBudgets(this IHostApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddOptions<BudgetOptions>()
            .Configure<IConfiguration>((options, configuration) => options.Read(configuration.GetSection(BudgetOptions.Section)))
            .ValidateOnStart();
        builder.Services.AddSingleton<BudgetBook>();
        builder.AddSpendCounter();
        builder.Services.AddSingleton<BudgetGuard>();
        return builder;
    }
}
