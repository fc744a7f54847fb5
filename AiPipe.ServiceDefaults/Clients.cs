using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace AiPipe.ServiceDefaults;

/// <summary>Adds the clients of Postgres and Redis with Aspire's integrations. They are traced only if a collector is configured.</summary>
public static class Clients
{
    /// <summary>Keeps two replicas and the Portal below the 100 connections that PostgreSQL accepts by default.</summary>
    private const int DefaultPoolSize = 40;

    /// <summary>
    /// Adds one connection pool for plain SQL and for <typeparamref name="TContext"/>. The context retries commands that fail transiently,
    /// so transactions must use <c>CreateExecutionStrategy()</c>.
    /// </summary>
    /// <exception cref="InvalidOperationException"><c>ConnectionStrings:{name}</c> is missing or malformed.</exception>
    public static void AddDatabase<TContext>(this IHostApplicationBuilder builder, string name) where TContext : DbContext
    {
        builder.Configuration.RequirePostgres(name);
        var isTraced = builder.HasCollector();
        builder.AddNpgsqlDataSource(
            name, settings =>
            {
                settings.DisableTracing = settings.DisableMetrics = !isTraced;
                settings.ConnectionString = ConnectionStrings.WithPoolSize(settings.ConnectionString, DefaultPoolSize);
            }, source =>
            {
                // Without a name, metrics would show the connection string.
                source.Name = name;
                source.ConfigureTracing(TraceCallsOnly);
            });
        builder.Services.AddDbContextPool<TContext>(static options => options.UseNpgsql());
        // The data source has a health check already. The check of the context would retry for half a minute.
        builder.EnrichNpgsqlDbContext<TContext>(static settings =>
            settings.DisableHealthChecks = settings.DisableTracing = settings.DisableMetrics = true);
    }

    /// <summary>Adds one connection. It is opened when it is first used, and reconnects automatically.</summary>
    /// <exception cref="InvalidOperationException"><c>ConnectionStrings:{name}</c> is missing or malformed.</exception>
    public static void AddRedis(this IHostApplicationBuilder builder, string name)
    {
        builder.Configuration.RequireRedis(name);
        var isTraced = builder.HasCollector();
        builder.AddRedisClient(name, settings => (settings.DisableTracing, settings.DisableAutoActivation) = (!isTraced, true));
    }

    // Polling and heartbeats run outside of any activity. The sampler would drop their spans; these filters do not even create them.
    private static void TraceCallsOnly(NpgsqlTracingOptionsBuilder tracing) => tracing
        .ConfigureCommandFilter(static _ => Activity.Current is not null)
        .ConfigureBatchFilter(static _ => Activity.Current is not null)
        .EnablePhysicalOpenTracing(enable: false);
}
