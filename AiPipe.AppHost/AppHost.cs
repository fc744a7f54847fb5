using AiPipe.AppHost.Servers;
using AiPipe.AppHost.Starting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { Args = args, TrustDeveloperCertificate = false });
var published = builder.ExecutionContext.IsPublishMode;
// A container runtime, or none: then the same servers run as processes. What is published is containers.
var containers = published || await ContainerRuntime.AnswersAsync(builder.Configuration["ASPIRE_CONTAINER_RUNTIME"]);
var folder = containers ? "" : DataFolder.Open(builder.Configuration["AIPIPE_DATA"]);
await using var held = containers ? null : DataFolderLock.Take(folder);

IResourceBuilder<IResourceWithConnectionString> database =
    UsesOwn("aipipe") ? builder.AddConnectionString("aipipe")
    : containers ? builder.AddPostgres("postgres").WithDataVolume().WithLifetime(ContainerLifetime.Persistent).AddDatabase("aipipe")
    : builder.AddPostgresProcess("postgres", folder).AddDatabase("aipipe");

IResourceBuilder<IResourceWithConnectionString> redis =
    UsesOwn("redis") ? builder.AddConnectionString("redis")
    : containers ? builder.AddRedis("redis").WithDataVolume().WithLifetime(ContainerLifetime.Persistent)
    : builder.AddRedisProcess("redis", folder);

var secret = builder.AddParameter("aipipe-secret", new GenerateParameterDefault { MinLength = 64, Special = false }, secret: true, persist: true);

var proxy = builder.AddProject<Projects.AiPipe_Proxy>("proxy")
    .WithReplicas(2).WithoutHttpsCertificate()
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
    if (published || !string.IsNullOrEmpty(builder.Configuration[$"Parameters:{name}"]))
        proxy.WithEnvironment(variable, builder.AddParameter(name, secret: true));
}
if (builder.Configuration["ADMIN_EMAILS"] is { Length: > 0 } admins) proxy.WithEnvironment("ADMIN_EMAILS", admins);

// Each knows where the other is: the gateway is the front door and passes pages on, the Portal asks the gateway's API.
var portal = builder.AddProject<Projects.AiPipe_Portal>("portal").WithoutHttpsCertificate().WithReference(proxy).WaitFor(proxy).WithHttpHealthCheck("/health");
proxy.WithReference(portal);

builder.Services.AddHostedService<OrderlyStop>();
await builder.Build().RunAsync();

bool UsesOwn(string name) => !published && !string.IsNullOrEmpty(builder.Configuration.GetConnectionString(name));
