using Azure.Provisioning.RedisEnterprise;

// The start with containers: Postgres, Redis, two replicas of the Proxy, the Portal and Aspire's dashboard.
// `dotnet run` takes the first launch profile, which names no address so that the standalone start can be given one: this is the dashboard's.
if (Environment.GetEnvironmentVariable("ASPNETCORE_URLS") is null) Environment.SetEnvironmentVariable("ASPNETCORE_URLS", "http://localhost:15171");
var builder = DistributedApplication.CreateBuilder(args);
builder.AddAzureContainerAppEnvironment("aipipe-env"); // where azd and aspire deploy put it; no effect on this machine

IResourceBuilder<IResourceWithConnectionString> database = UsesOwn("aipipe")
    ? builder.AddConnectionString("aipipe")
    : builder.AddAzurePostgresFlexibleServer("postgres")
        .WithPasswordAuthentication()
        .RunAsContainer(container => container.WithDataVolume().WithLifetime(ContainerLifetime.Persistent))
        .AddDatabase("aipipe");

IResourceBuilder<IResourceWithConnectionString> redis = UsesOwn("redis")
    ? builder.AddConnectionString("redis")
    : builder.AddAzureManagedRedis("redis")
        .WithAccessKeyAuthentication()
        .ConfigureInfrastructure(infrastructure =>
        {
            // Counters are money: they span keys of one user in one script, and must never be evicted.
            var db = infrastructure.GetProvisionableResources().OfType<RedisEnterpriseDatabase>().Single();
            db.ClusteringPolicy = RedisEnterpriseClusteringPolicy.NoCluster;
            db.EvictionPolicy = RedisEnterpriseEvictionPolicy.NoEviction;
        })
        .RunAsContainer(container => container.WithDataVolume().WithLifetime(ContainerLifetime.Persistent));

var secret = builder.AddParameter("aipipe-secret", new GenerateParameterDefault { MinLength = 64, Special = false }, secret: true, persist: true);

var proxy = builder.AddProject<Projects.AiPipe_Proxy>("proxy")
    .WithReplicas(2)
    .WithExternalHttpEndpoints()
    .WithHttpHealthCheck("/health")
    .WithReference(database).WaitFor(database)
    .WithReference(redis).WaitFor(redis)
    .WithEnvironment("AIPIPE_SECRET", secret);

foreach (var variable in new[] { "OPENAI_API_KEY", "OPENROUTER_API_KEY", "GEMINI_API_KEY", "ANTHROPIC_API_KEY" })
{
    // A parameter without a value would stop the start on this machine with a question; when published, azd asks for it.
    var name = variable.ToLowerInvariant().Replace('_', '-');
    builder.Configuration[$"Parameters:{name}"] ??= builder.Configuration[variable];
    if (builder.ExecutionContext.IsPublishMode || !string.IsNullOrEmpty(builder.Configuration[$"Parameters:{name}"]))
        proxy.WithEnvironment(variable, builder.AddParameter(name, secret: true));
}
if (builder.Configuration["ADMIN_EMAILS"] is { Length: > 0 } admins) proxy.WithEnvironment("ADMIN_EMAILS", admins);

// Each knows where the other is: the gateway is the front door and passes pages on, the Portal asks the gateway's API.
var portal = builder.AddProject<Projects.AiPipe_Portal>("portal").WithReference(proxy).WaitFor(proxy);
proxy.WithReference(portal);

builder.Build().Run();

bool UsesOwn(string name) =>
    builder.ExecutionContext.IsRunMode && !string.IsNullOrEmpty(builder.Configuration.GetConnectionString(name));
