namespace AiPipe.AppHost.Hosting.Postgres;

/// <summary>A PostgreSQL server that runs as a process on a cluster in the data folder.</summary>
/// <param name="name">The resource's name.</param>
/// <param name="folder">The data folder; the cluster is its subfolder <c>postgres</c>.</param>
/// <param name="password">The password of the role <see cref="PostgresCluster.Role"/>.</param>
internal sealed class PostgresProcessResource(string name, string folder, ParameterResource password)
    : ExecutableResource(name, "postgres", folder), IResourceWithConnectionString
{
    public EndpointReference Endpoint => field ??= new EndpointReference(this, "tcp");
    public ParameterResource Password => password;

    /// <summary>True after <see cref="PostgresProcess.PrepareAsync"/> failed and printed the reason.</summary>
    public bool IsPreparationFailed { get; set; }

    /// <summary>The cluster's folder.</summary>
    public string Data => Path.Combine(WorkingDirectory, "postgres");

    public ReferenceExpression ConnectionStringExpression
    {
        get
        {
            var (host, port) = (Endpoint.Property(EndpointProperty.IPV4Host), Endpoint.Property(EndpointProperty.Port));
            return ReferenceExpression.Create($"Host={host};Port={port};Username={PostgresCluster.Role};Password={password}");
        }
    }
}

/// <summary>A database of a <see cref="PostgresProcessResource"/>.</summary>
internal sealed class PostgresProcessDatabaseResource(string name, PostgresProcessResource parent)
    : Resource(name), IResourceWithParent<PostgresProcessResource>, IResourceWithConnectionString
{
    public PostgresProcessResource Parent => parent;
    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{parent};Database={Name}");
}
