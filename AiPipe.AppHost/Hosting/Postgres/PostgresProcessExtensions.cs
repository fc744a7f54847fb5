using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AiPipe.AppHost.Hosting.Postgres;

/// <summary>PostgreSQL without a container.</summary>
internal static class PostgresProcessExtensions
{
    /// <summary>Adds a server from installed programs or npm's package. Its cluster is created when it first starts.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="folder">The data folder.</param>
    public static IResourceBuilder<PostgresProcessResource> AddPostgresProcess(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, string folder)
    {
        var secret = new GeneratedSecret(Path.Combine(folder, $"{name}.password"));
        var password = builder.AddParameter($"{name}-password", secret, secret: true);
        var resource = new PostgresProcessResource(name, folder, password.Resource);
        var process = new PostgresProcess(resource);
        IReadOnlyList<string> command = [];
        string? connection = null;
        builder.Services.AddHealthChecks().AddNpgSql(
            _ => connection ?? throw new InvalidOperationException("The server has not started yet."), name: $"{name}-ready");

        // The orchestrator needs the program's path when it starts. The cluster is created later, when the dashboard can show the progress.
        builder.Eventing.Subscribe<BeforeStartEvent>(async (started, cancellationToken) =>
        {
            command = await process.FindCommandAsync(LoggerOf(started.Services, resource), cancellationToken);
            resource.Annotations.OfType<ExecutableAnnotation>().Single().Command = command[0];
        });
        return builder.AddResource(resource)
            .WithEndpoint(scheme: "tcp", name: "tcp", isProxied: false)
            .WithArgs(context =>
            {
                foreach (var argument in command.Skip(1)) context.Args.Add(argument);
                context.Args.Add("-c");
                context.Args.Add(ReferenceExpression.Create($"port={resource.Endpoint.Property(EndpointProperty.TargetPort)}"));
            })
            .OnBeforeResourceStarted((_, starting, cancellationToken) =>
                process.PrepareAsync(LoggerOf(starting.Services, resource), cancellationToken))
            // Without pooling, so that the health check keeps no connection open that delays the stop of the server.
            .OnConnectionStringAvailable(async (_, _, cancellationToken) =>
            {
                var server = await resource.ConnectionStringExpression.GetValueAsync(cancellationToken);
                connection = $"{server};Database=postgres;Pooling=false";
            })
            .WithHealthCheck($"{name}-ready")
            .WithIconName("DatabaseMultiple")
            .ExcludeFromManifest();
    }

    /// <summary>Adds the database that the cluster was created with.</summary>
    public static IResourceBuilder<PostgresProcessDatabaseResource> AddDatabase(
        this IResourceBuilder<PostgresProcessResource> builder, [ResourceName] string name)
    {
        if (name != PostgresCluster.Database)
            throw new ArgumentException($"The cluster is created with the database {PostgresCluster.Database}.", nameof(name));
        return builder.ApplicationBuilder.AddResource(new PostgresProcessDatabaseResource(name, builder.Resource))
            // Aspire copies the state of a parent to its children only if it is a container.
            .OnInitializeResource(async (database, initialize, cancellationToken) =>
            {
                await foreach (var change in initialize.Notifications.WatchAsync(cancellationToken))
                {
                    if (change.Resource != builder.Resource) continue;
                    await initialize.Notifications.PublishUpdateAsync(database, snapshot => snapshot with
                    {
                        State = change.Snapshot.State,
                        StartTimeStamp = change.Snapshot.StartTimeStamp,
                        StopTimeStamp = change.Snapshot.StopTimeStamp,
                    });
                }
            })
            .WithIconName("Database")
            .ExcludeFromManifest();
    }

    private static ILogger LoggerOf(IServiceProvider services, IResource resource) =>
        services.GetRequiredService<ResourceLoggerService>().GetLogger(resource);
}
