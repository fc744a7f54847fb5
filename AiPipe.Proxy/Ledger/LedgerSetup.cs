using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.Infrastructure.Redis;
using AiPipe.Proxy.Infrastructure.Replicas;
using AiPipe.Proxy.Ledger.Entries;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;

namespace AiPipe.Proxy.Ledger;

internal static class LedgerSetup
{
    public static IHostApplicationBuilder AddLedger(this IHostApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddOptions<LedgerOptions>().Configure<IConfiguration>(LedgerOptions.Read).ValidateOnStart();
        // The ledger has a connection pool of its own; everything else uses AiPipeDb.
        builder.Services.TryAddSingleton(services => NpgsqlDataSource.Create(
            services.GetRequiredService<IConfiguration>().GetConnectionString("aipipe")
            ?? throw LedgerOptions.Wrong("ConnectionStrings:aipipe is missing: name the Postgres database.")));
        builder.Services.AddSingleton(
            services => new Replica(Guid.CreateVersion7(services.GetRequiredService<TimeProvider>().GetUtcNow())));
        builder.Services.AddSingleton<LedgerStore>();
        builder.Services.AddSingleton<GroupWrite>();
        builder.Services.AddSingleton<Journal>();
        builder.Services.AddSingleton<JournalReplay>();
        builder.Services.AddSingleton<LedgerWriter>();
        builder.Services.AddSingleton<CostLedger>().AddSingleton<StoredResponses>();
        // In this order, and before the server listens.
        builder.Services.AddHostedService<DatabaseStartup>();
        builder.Services.AddHostedService(services => services.GetRequiredService<JournalReplay>());
        builder.Services.AddSingleton<StateRefresher>().AddHostedService(services => services.GetRequiredService<StateRefresher>());
        builder.Services.AddHostedService(services => services.GetRequiredService<LedgerWriter>());
        builder.Services.AddHostedService<OrphanScan>();
        return builder;
    }

    /// <summary>Makes this process a member of the shared counters, if configured. Register it after the database.</summary>
    public static IHostApplicationBuilder AddReplica(this IHostApplicationBuilder builder)
    {
        if (builder.TryAddRedis()) builder.Services.AddHostedService<RedisMembership>();
        return builder;
    }
}
