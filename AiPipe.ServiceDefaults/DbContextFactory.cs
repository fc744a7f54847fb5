using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace AiPipe.ServiceDefaults;

/// <summary>Contexts for code that outlives a request.</summary>
public static class DbContextFactory
{
    /// <summary>
    /// Makes sure that <see cref="IDbContextFactory{TContext}"/> is there after <c>AddNpgsqlDbContext</c>: Aspire's registers the context only.
    /// </summary>
    public static void AddDbContextFactoryBesides<TContext>(this IHostApplicationBuilder builder) where TContext : DbContext =>
        builder.Services.TryAddSingleton<IDbContextFactory<TContext>>(services =>
            new PooledDbContextFactory<TContext>(services.GetRequiredService<DbContextOptions<TContext>>()));
}
