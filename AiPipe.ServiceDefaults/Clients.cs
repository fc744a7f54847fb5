using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AiPipe.ServiceDefaults;

/// <summary>Clients of the servers that Aspire names, by Aspire's integrations.</summary>
public static class Clients
{
    /// <summary>
    /// Adds one pool of connections, for SQL of one's own and for <typeparamref name="TContext"/>. A command of the context that failed in passing is
    /// tried again, so that transactions go through <c>CreateExecutionStrategy()</c>.
    /// </summary>
    public static void AddDatabase<TContext>(this IHostApplicationBuilder builder, string name) where TContext : DbContext
    {
        var isTraced = builder.HasCollector();
        builder.AddNpgsqlDataSource(name, settings => settings.DisableTracing = settings.DisableMetrics = !isTraced, static source => source.ConfigureTracing(
            // What this process asks of its own accord, every second, is nobody's call.
            static tracing => tracing.ConfigureCommandFilter(static _ => Activity.Current is not null).ConfigureBatchFilter(static _ => Activity.Current is not null).EnablePhysicalOpenTracing(enable: false)));
        builder.Services.AddDbContextPool<TContext>(static options => options.UseNpgsql());
        // The pool's check asks once; the context's would go on trying for half a minute.
        builder.EnrichNpgsqlDbContext<TContext>(static settings => settings.DisableHealthChecks = settings.DisableTracing = settings.DisableMetrics = true);
    }

    /// <summary>Adds one connection. It is made when it is first asked for, and goes on trying while the server is away.</summary>
    public static void AddRedis(this IHostApplicationBuilder builder, string name)
    {
        var isTraced = builder.HasCollector();
        builder.AddRedisClient(name, settings => (settings.DisableTracing, settings.DisableAutoActivation) = (!isTraced, true));
    }
}
