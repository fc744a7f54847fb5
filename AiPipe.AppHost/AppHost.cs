using AiPipe.AppHost.Hosting;
using AiPipe.AppHost.Hosting.Postgres;
using AiPipe.AppHost.Hosting.Redis;

try
{
    var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { Args = args, TrustDeveloperCertificate = false });
    await using var machine = await LocalMachine.PrepareAsync(builder);
    var (folder, containers) = (machine.DataFolder, machine.HasContainers);

    // The ledger, settings and accounts. Your own server: ConnectionStrings__aipipe.
    IResourceBuilder<IResourceWithConnectionString> database =
        machine.IsConfigured("aipipe") ? builder.AddConnectionString("aipipe")
        : containers ? builder.AddPostgres("postgres", password: machine.AddSecret("postgres-password"))
            .WithDataVolume(machine.VolumeName("postgres")).AddDatabase("aipipe")
        : builder.AddPostgresProcess("postgres", folder).AddDatabase("aipipe");

    // The counters that the replicas share. Your own server: ConnectionStrings__redis.
    IResourceBuilder<IResourceWithConnectionString> redis =
        machine.IsConfigured("redis") ? builder.AddConnectionString("redis")
        : containers ? builder.AddRedis("redis", port: null, machine.AddSecret("redis-password"))
            .WithoutHttpsCertificate().WithDataVolume(machine.VolumeName("redis"))
        : builder.AddRedisProcess("redis", folder);

    var secret = machine.AddSecret("aipipe-secret", fileName: "secret");
    var proxy = builder.AddProject<Projects.AiPipe_Proxy>("proxy")
        .WithReplicas(machine.Replicas)
        .WithPorts(machine.Ports)
        .WithExternalHttpEndpoints().WithoutHttpsCertificate()
        .WithProbes()
        .WithReference(database).WaitFor(database)
        .WithReference(redis).WaitFor(redis)
        .WithEnvironment("AIPIPE_SECRET", secret).WithDataFolder(folder)
        .WithAiPipeSettings()
        .WithNamedUrls()
        .WithOperatorCommands();

    // The proxy is the front door: it forwards pages to the Portal, which calls the proxy's API. The database holds its cookie keys.
    var portal = builder.AddProject<Projects.AiPipe_Portal>("portal").WithPorts([]).WithoutHttpsCertificate()
        .WithProbes()
        .WithReference(database).WithEnvironment("AIPIPE_SECRET", secret).WithDataFolder(folder)
        .WithReference(proxy).WaitFor(proxy);
    proxy.WithReference(portal);

    machine.AddLifecycle();
    await builder.Build().RunAsync();
    return Environment.ExitCode;
}
catch (OperationCanceledException)
{
    // Stopped while it was starting.
    return 130;
}
catch (CannotStartException e)
{
    await Console.Error.WriteLineAsync($"AiPipe cannot start: {e.Message}");
    return 1;
}
