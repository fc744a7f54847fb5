namespace AiPipe.AppHost.Hosting.Redis;

/// <summary>A Redis server that runs as a process.</summary>
internal interface IRedisProcess : IResourceWithConnectionString, IResourceWithEndpoints, IResourceWithArgs, IResourceWithWaitSupport
{
    EndpointReference Endpoint { get; }
}

/// <summary>An installed <c>redis-server</c>.</summary>
internal sealed class RedisProcessResource(string name, string folder, ParameterResource password)
    : ExecutableResource(name, "redis-server", folder), IRedisProcess
{
    public EndpointReference Endpoint => field ??= new EndpointReference(this, "tcp");
    public ReferenceExpression ConnectionStringExpression => RedisProcessExtensions.CreateConnectionString(Endpoint, password);
}

/// <summary>Garnet (https://microsoft.github.io/garnet), a Redis-compatible server that, as a .NET tool, needs only the .NET SDK.</summary>
internal sealed class GarnetResource(string name, ParameterResource password) : DotnetToolResource(name, "garnet-server"), IRedisProcess
{
    public EndpointReference Endpoint => field ??= new EndpointReference(this, "tcp");
    public ReferenceExpression ConnectionStringExpression => RedisProcessExtensions.CreateConnectionString(Endpoint, password);
}
