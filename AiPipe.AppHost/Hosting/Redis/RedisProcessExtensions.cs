using Microsoft.Extensions.DependencyInjection;

namespace AiPipe.AppHost.Hosting.Redis;

/// <summary>Redis without a container.</summary>
internal static class RedisProcessExtensions
{
    private const string GarnetVersion = "2.2.12";

    /// <summary>
    /// Adds an installed <c>redis-server</c>, or Garnet (<see cref="RedisProgram"/>). It persists nothing, because the replicas rebuild the
    /// counters from Postgres.
    /// </summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="folder">The data folder.</param>
    public static IResourceBuilder<IResourceWithConnectionString> AddRedisProcess(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, string folder)
    {
        var secret = new GeneratedSecret(Path.Combine(folder, $"{name}.password"));
        var password = builder.AddParameter($"{name}-password", secret, secret: true).Resource;
        var settings = Path.Combine(folder, "redis.conf");
        if (builder.Configuration[RedisProgram.Setting] != RedisProgram.Garnet)
            return builder.AddResource(new RedisProcessResource(name, folder, password)).WithArgs(settings).WithServer(settings, password);
        return builder.AddDotnetTool(new GarnetResource(name, password)).WithToolVersion(GarnetVersion)
            // Garnet runs scripts atomically, as Redis does, only in transaction mode.
            .WithArgs("--config-import-path", settings, "--config-import-format", "RedisConf", "--auth", "Password",
                "--lua", "--lua-transaction-mode", "--memory", "64m", "--index", "16m")
            .WithServer(settings, password);
    }

    public static ReferenceExpression CreateConnectionString(EndpointReference endpoint, ParameterResource password) =>
        ReferenceExpression.Create(
            $"{endpoint.Property(EndpointProperty.IPV4Host)}:{endpoint.Property(EndpointProperty.Port)},password={password}");

    private static IResourceBuilder<T> WithServer<T>(this IResourceBuilder<T> server, string settings, ParameterResource password)
        where T : IRedisProcess
    {
        var check = $"{server.Resource.Name}-ready";
        string? connection = null;
        server.ApplicationBuilder.Services.AddHealthChecks()
            .AddRedis(_ => connection ?? throw new InvalidOperationException("The server has not started yet."), name: check);
        return server.WithEndpoint(scheme: "tcp", name: "tcp", isProxied: false)
            .WithArgs("--port", server.Resource.Endpoint.Property(EndpointProperty.TargetPort))
            // The password is in a file, because every user of the machine can read a process's command line.
            .OnBeforeResourceStarted(async (_, _, cancellationToken) => PrivateFile.Write(settings, $"""
                bind 127.0.0.1
                save ""
                appendonly no
                maxmemory-policy noeviction
                requirepass {await password.GetValueAsync(cancellationToken)}

                """))
            .OnConnectionStringAvailable(async (_, _, cancellationToken) =>
                connection = await server.Resource.ConnectionStringExpression.GetValueAsync(cancellationToken))
            .WithHealthCheck(check)
            .WithIconName("Memory")
            .ExcludeFromManifest();
    }
}
