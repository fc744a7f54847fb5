#if !ASPIRE
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace AiPipe.ServiceDefaults;

/// <summary>The registration of Aspire.StackExchange.Redis, for builds without it: same name, same meaning.</summary>
public static class RedisClient
{
    /// <summary>
    /// Adds one <see cref="IConnectionMultiplexer"/> and a health check. It connects when it is first resolved, and goes on trying
    /// while the server is away.
    /// </summary>
    /// <param name="builder">Whose configuration holds <c>ConnectionStrings:{connectionName}</c>; its absence is told at the first use.</param>
    /// <param name="connectionName">The server's name: <c>redis</c>.</param>
    public static void AddRedisClient(this IHostApplicationBuilder builder, string connectionName)
    {
        builder.Services.TryAddSingleton<IConnectionMultiplexer>(services => ConnectionMultiplexer.Connect(Options(services, connectionName)));
        builder.Services.AddHealthChecks().AddCheck<RedisHealth>(connectionName);
    }

    private static ConfigurationOptions Options(IServiceProvider services, string name)
    {
        var connection = services.GetRequiredService<IConfiguration>().GetConnectionString(name);
        if (string.IsNullOrWhiteSpace(connection))
            throw new InvalidOperationException($"ConnectionStrings:{name} is missing. Set ConnectionStrings__{name} to a Redis server: localhost:6379");
        try
        {
            var options = ConfigurationOptions.Parse(connection);
            options.AbortOnConnectFail = false;
            return options;
        }
        catch (ArgumentException e)
        {
            // Its text may hold the password: not repeated.
            throw new InvalidOperationException(
                $"ConnectionStrings:{name} cannot be read as a Redis connection string: write it like localhost:6379,password=…", e);
        }
    }
}
#endif
