using AiPipe.AppHost.Hosting;
using AiPipe.Tests.Fixtures;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;

namespace AiPipe.Tests.AppHost;

/// <summary>The model of a machine with a container runtime, which building it does not need.</summary>
public sealed class ContainerModelTests
{
    [Fact]
    public async Task With_a_container_runtime_Postgres_and_Redis_are_containers_that_keep_their_data()
    {
        using var folder = new TemporaryFolder();
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AiPipe_AppHost>(
        [
            "--containers=true", $"--AIPIPE_DATA={folder.Path}", $"--port={ServerPorts.Take()}", "--replicas=3",
            "--ASPNETCORE_URLS=http://127.0.0.1:0", "--ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL=http://127.0.0.1:0", "--ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL=http://127.0.0.1:0",
        ], TestContext.Current.CancellationToken);

        var postgres = Assert.IsType<PostgresServerResource>(builder.Resources.Single(resource => resource.Name == "postgres"));
        var redis = Assert.IsType<RedisResource>(builder.Resources.Single(resource => resource.Name == "redis"));
        Assert.All(new IResource[] { postgres, redis }, server =>
        {
            Assert.Equal(ContainerMountType.Volume, server.Annotations.OfType<ContainerMountAnnotation>().Single().Type);
            Assert.Equal(ContainerLifetime.Persistent, server.Annotations.OfType<ContainerLifetimeAnnotation>().Single().Lifetime);
        });
        var proxy = builder.Resources.OfType<ProjectResource>().Single(project => project.Name == "proxy");
        Assert.Equal(3, proxy.Annotations.OfType<ReplicaAnnotation>().Single().Replicas);
        Assert.Contains(proxy.Annotations.OfType<WaitAnnotation>(), wait => wait.Resource == redis);
    }

    [Theory]
    [InlineData("exit 0", true)]
    [InlineData("echo 'Cannot connect to the Docker daemon' >&2; exit 1", false)]
    public async Task Runtime_is_available_when_it_lists_containers(string script, bool available)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("The stand-in for docker is a shell script.");
            return;
        }
        using var folder = new TemporaryFolder();
        var docker = Path.Combine(folder.Path, "docker");
        await File.WriteAllTextAsync(docker, $"#!/bin/sh\n{script}\n", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(docker, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Assert.Equal(available, await ContainerRuntime.IsAvailableAsync(docker));
        Assert.False(await ContainerRuntime.IsAvailableAsync(docker + "-that-is-not-installed"));
    }
}
