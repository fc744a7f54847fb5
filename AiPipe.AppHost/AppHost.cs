using AiPipe.AppHost.Hosting;
using AiPipe.AppHost.Hosting.Postgres;
using AiPipe.AppHost.Hosting.Redis;

try
{
    var options = new DistributedApplicationOptions { Args = args, TrustDeveloperCertificate = false };
    var builder = DistributedApplication.CreateBuilder(options);
    await using var machine = await LocalMachine.PrepareAsync(builder);
    var (folder, containers) = (machine.DataFolder, machine.HasContainers);

    // Postgres has the ledger, settings and accounts. ConnectionStrings__aipipe replaces it with your own server.
    IResourceBuilder<IResourceWithConnectionString> database =
        machine.IsConfigured("aipipe") ? builder.AddConnectionString("aipipe")
        : containers ? builder.AddPostgres("postgres", password: machine.AddSecret("postgres-password"))
            .WithDataVolume(machine.VolumeName("postgres")).AddDatabase("aipipe")
        : builder.AddPostgresProcess("postgres", folder).AddDatabase("aipipe");

    // Redis has the counters that the replicas share. ConnectionStrings__redis replaces it with your own server.
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
        .WithAiPipeSettings().WithStopTimeouts()
        .WithNamedUrls()
        .WithOperatorCommands();

    // Browsers reach the Portal through the proxy. The Portal calls the proxy's API, and stores its cookie keys in the database.
    var portal = builder.AddProject<Projects.AiPipe_Portal>("portal").WithPorts([]).WithoutHttpsCertificate()
        .WithProbes()
        .WithReference(database).WithEnvironment("AIPIPE_SECRET", secret).WithDataFolder(folder)
        .WithReference(proxy).WaitFor(proxy).WithStopTimeouts();
    proxy.WithReference(portal);

    machine.AddLifecycle();
    await builder.Build().RunAsync();
    return Environment.ExitCode;
}
catch (OperationCanceledException)
{
    // Stopped during the start, by a signal or by the reason that the supervisor printed.
    return Environment.ExitCode == 0 ? 130 : Environment.ExitCode;
}
catch (Exception e) when (e is CannotStartException or IOException or UnauthorizedAccessException)
{
    await Console.Error.WriteLineAsync($"{CannotStartException.Prefix} {e.Message}");
    return 1;
}
