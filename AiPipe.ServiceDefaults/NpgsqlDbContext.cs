#if !ASPIRE
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace AiPipe.ServiceDefaults;

/// <summary>The registration of Aspire.Npgsql.EntityFrameworkCore.PostgreSQL, for builds without it: same name, same meaning.</summary>
public static class NpgsqlDbContext
{
    /// <summary>
    /// Adds a pooled <typeparamref name="TContext"/>, its <see cref="IDbContextFactory{TContext}"/> and a health check. As with Aspire's,
    /// a command that failed in passing is tried again, so that transactions of one's own go through <c>CreateExecutionStrategy()</c>.
    /// Traces and metrics come from Npgsql itself.
    /// </summary>
    /// <param name="builder">Whose configuration holds <c>ConnectionStrings:{connectionName}</c>; its absence is told at the first use.</param>
    /// <param name="connectionName">The database's name: <c>aipipe</c>.</param>
    /// <param name="configureDbContextOptions">Adds to the context's options.</param>
    public static void AddNpgsqlDbContext<TContext>(this IHostApplicationBuilder builder, string connectionName,
        Action<DbContextOptionsBuilder>? configureDbContextOptions = null) where TContext : DbContext
    {
        builder.Services.TryAddSingleton(services => DataSource(services, connectionName));
        builder.Services.AddPooledDbContextFactory<TContext>((services, options) =>
        {
            options.UseNpgsql(services.GetRequiredService<NpgsqlDataSource>(), npgsql => npgsql.EnableRetryOnFailure());
            configureDbContextOptions?.Invoke(options);
        });
        builder.Services.AddHealthChecks().AddCheck<DatabaseHealth<TContext>>(typeof(TContext).Name);
    }

    private static NpgsqlDataSource DataSource(IServiceProvider services, string name)
    {
        var connection = services.GetRequiredService<IConfiguration>().GetConnectionString(name);
        if (string.IsNullOrWhiteSpace(connection))
        {
            throw new InvalidOperationException($"ConnectionStrings:{name} is missing. "
                + $"Set ConnectionStrings__{name} to a PostgreSQL database: Host=…;Username=…;Password=…;Database={name}");
        }
        try
        {
            return new NpgsqlDataSourceBuilder(connection).Build();
        }
        catch (ArgumentException e)
        {
            throw new InvalidOperationException($"ConnectionStrings:{name} cannot be read as a PostgreSQL connection string: "
                + $"write it like Host=…;Username=…;Password=…;Database={name}", e);
        }
    }
}
#endif
