using AiPipe.AppHost.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AiPipe.AppHost.Servers;

/// <summary>A PostgreSQL server without a container: installed programs, or npm's, on a cluster in a folder.</summary>
internal sealed class PostgresProcessResource(string name, string folder, ParameterResource password)
    : ExecutableResource(name, "postgres", folder), IResourceWithConnectionString
{
    public EndpointReference Endpoint => field ??= new EndpointReference(this, "tcp");
    public ParameterResource Password => password;
    public string Data => Path.Combine(WorkingDirectory, "postgres");

    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create(
        $"Host={Endpoint.Property(EndpointProperty.IPV4Host)};Port={Endpoint.Property(EndpointProperty.Port)};Username={Cluster.Role};Password={password}");
}

/// <summary>A database of it.</summary>
internal sealed class PostgresProcessDatabaseResource(string name, PostgresProcessResource parent)
    : Resource(name), IResourceWithParent<PostgresProcessResource>, IResourceWithConnectionString
{
    public PostgresProcessResource Parent => parent;
    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{parent};Database={Name}");
}

internal static partial class PostgresProcessExtensions
{
    /// <summary>Adds the server. Nothing is made before it starts; then its folder is, once.</summary>
    public static IResourceBuilder<PostgresProcessResource> AddPostgresProcess(this IDistributedApplicationBuilder builder, [ResourceName] string name, string folder)
    {
        var password = builder.AddParameter($"{name}-password", new GenerateParameterDefault { MinLength = 32, Special = false }, secret: true, persist: true);
        var resource = new PostgresProcessResource(name, folder, password.Resource);
        var server = new ServerProgram(resource);
        string? connection = null;
        builder.Services.AddHealthChecks().AddNpgSql(_ => connection ?? throw new InvalidOperationException("Not started yet."), name: $"{name}-answers");

        // Which program it is must be known before DCP is told; making a cluster can wait until the dashboard shows it.
        builder.Eventing.Subscribe<BeforeStartEvent>((@event, stop) =>
            server.FindAsync(@event.Services.GetRequiredService<ResourceLoggerService>().GetLogger(resource), stop));
        return builder.AddResource(resource)
            .WithEndpoint(scheme: "tcp", name: "tcp", isProxied: false)
            .WithArgs(context => server.AddArguments(context.Args))
            .OnBeforeResourceStarted((_, @event, stop) =>
                server.PrepareAsync(@event.Services.GetRequiredService<ResourceLoggerService>().GetLogger(resource), stop))
            .OnConnectionStringAvailable(async (_, _, stop) => connection = await resource.ConnectionStringExpression.GetValueAsync(stop) + ";Database=postgres;Pooling=false")
            .WithHealthCheck($"{name}-answers")
            .WithIconName("DatabaseMultiple")
            .ExcludeFromManifest();
    }

    /// <summary>Adds the database that the cluster was made with.</summary>
    public static IResourceBuilder<PostgresProcessDatabaseResource> AddDatabase(this IResourceBuilder<PostgresProcessResource> builder, [ResourceName] string name)
    {
        if (name != Cluster.Database) throw new ArgumentException($"The cluster is made with {Cluster.Database}.", nameof(name));
        return builder.ApplicationBuilder.AddResource(new PostgresProcessDatabaseResource(name, builder.Resource))
            // As Aspire does for children of containers: a database is what its server is.
            .OnInitializeResource(async (database, @event, stop) =>
            {
                await foreach (var change in @event.Notifications.WatchAsync(stop))
                {
                    if (change.Resource != builder.Resource) continue;
                    await @event.Notifications.PublishUpdateAsync(database, snapshot => snapshot with
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

    /// <summary>Finds, prepares and names what is run.</summary>
    private sealed class ServerProgram(PostgresProcessResource resource)
    {
        private PostgresBinaries _binaries = null!;
        private UnprivilegedUser? _user;
        private Cluster _cluster = null!;

        public async Task FindAsync(ILogger log, CancellationToken stop)
        {
            _user = await UnprivilegedUser.FindAsync(stop);
            _binaries = await PostgresBinaries.FindAsync(Cluster.MajorOf(resource.Data), line => Log.Said(log, line), stop);
            _cluster = new Cluster(resource.Data, _binaries, _user);
            var command = _cluster.ServerCommand();
            resource.Annotations.OfType<ExecutableAnnotation>().Single().Command = command[0];
        }

        public void AddArguments(IList<object> arguments)
        {
            foreach (var word in _cluster.ServerCommand().Skip(1)) arguments.Add(word);
            foreach (var (setting, value) in Cluster.Settings)
            {
                arguments.Add("-c");
                arguments.Add($"{setting}={value}");
            }
            arguments.Add("-c");
            arguments.Add(ReferenceExpression.Create($"port={resource.Endpoint.Property(EndpointProperty.TargetPort)}"));
        }

        public async Task PrepareAsync(ILogger log, CancellationToken stop)
        {
            void Say(string line) => Log.Said(log, line);
            if (Cluster.MajorOf(resource.Data) is null) await EmbeddedPostgres.CreateAsync(resource.Data, _binaries, _user, Say, stop);
            if (_user is not null) await _user.TakeOverAsync(resource.Data, stop);
            await EmbeddedPostgres.StopOrphanAsync(_cluster, resource.Data, Say, stop);
            await _cluster.SetPasswordAsync((await resource.Password.GetValueAsync(stop))!, stop);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "{Line}")]
        public static partial void Said(ILogger logger, string line);
    }
}
