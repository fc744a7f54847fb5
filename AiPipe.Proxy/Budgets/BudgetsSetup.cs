using AiPipe.Proxy.Infrastructure.Redis;
using AiPipe.Proxy.Infrastructure.Replicas;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Budgets;

internal static class BudgetsSetup
{
    public static IHostApplicationBuilder AddBudgets(this IHostApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddOptions<TeamOptions>()
            .Configure<IConfiguration>((options, configuration) => options.Read(configuration.GetSection(TeamOptions.Section)));
        builder.Services.AddOptions<BudgetOptions>()
            .Configure<IConfiguration, IOptions<TeamOptions>>((options, configuration, teams) => options.Read(configuration, teams.Value))
            .ValidateOnStart();
        builder.Services.AddSingleton<ClassBudgetCache>().AddSingleton<BudgetResolver>();
        builder.Services.AddOptions<ReplicaOptions>()
            .Configure<IOptions<BudgetOptions>>(static (replica, budgets) => replica.Timeout = budgets.Value.ReplicaTimeout);
        builder.Services.AddOptions<RedisOptions>()
            .Configure<IOptions<BudgetOptions>>(static (redis, budgets) => redis.CommandTimeout = budgets.Value.CounterTimeout);
        return builder;
    }
}
