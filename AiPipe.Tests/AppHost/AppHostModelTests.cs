using AiPipe.AppHost.Hosting;
using AiPipe.Tests.Fixtures;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace AiPipe.Tests.AppHost;

/// <summary>The application's model, built but not started.</summary>
public sealed class AppHostModelTests
{
    [Fact]
    public async Task With_a_container_runtime_Postgres_and_Redis_are_containers_that_keep_their_data()
    {
        using var folder = new TemporaryFolder();
        var builder = await CreateAsync(folder, "--containers=true", "--replicas=3");

        var postgres = Assert.IsType<PostgresServerResource>(builder.Resources.Single(resource => resource.Name == "postgres"));
        var redis = Assert.IsType<RedisResource>(builder.Resources.Single(resource => resource.Name == "redis"));
        Assert.All(new IResource[] { postgres, redis }, server =>
        {
            Assert.Equal(ContainerMountType.Volume, server.Annotations.OfType<ContainerMountAnnotation>().Single().Type);
            Assert.Matches("^aipipe-[0-9a-f]{8}-", server.Annotations.OfType<ContainerMountAnnotation>().Single().Source);
        });
        var proxy = Proxy(builder);
        Assert.Equal(3, proxy.Annotations.OfType<ReplicaAnnotation>().Single().Replicas);
        Assert.Contains(proxy.Annotations.OfType<WaitAnnotation>(), wait => wait.Resource == redis);
    }

    [Fact]
    public async Task Settings_of_the_AppHost_reach_the_proxy_keys_as_secret_parameters()
    {
        using var folder = new TemporaryFolder();
        var builder = await CreateAsync(folder, "--containers=false", "--OPENAI_API_KEY=sk-canary", "--ADMIN_EMAILS=ann@example.com",
            "--AIPIPE_CONFIG=settings.json", "--AiPipe:Budgets:*:Limit=3");
        var published = new DistributedApplicationExecutionContext(DistributedApplicationOperation.Publish);
        var configuration = await ExecutionConfigurationBuilder.Create(Proxy(builder)).WithEnvironmentVariablesConfig()
            .BuildAsync(published, NullLogger.Instance, TestContext.Current.CancellationToken);
        var environment = configuration.EnvironmentVariables.ToDictionary();
        Assert.Equal("{openai-api-key.value}", environment["OPENAI_API_KEY"]);
        Assert.True(builder.Resources.OfType<ParameterResource>().Single(parameter => parameter.Name == "openai-api-key").Secret);
        Assert.Equal("ann@example.com", environment["ADMIN_EMAILS"]);
        Assert.Equal(Path.GetFullPath("settings.json"), environment["AIPIPE_CONFIG"]);
        Assert.Equal("3", environment["AiPipe__Budgets__*__Limit"]);
        Assert.DoesNotContain("GEMINI_API_KEY", environment.Keys);
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

    private static ProjectResource Proxy(IDistributedApplicationTestingBuilder builder) =>
        builder.Resources.OfType<ProjectResource>().Single(project => project.Name == "proxy");

    internal static Task<IDistributedApplicationTestingBuilder> CreateAsync(TemporaryFolder folder, params string[] arguments) =>
        DistributedApplicationTestingBuilder.CreateAsync<Projects.AiPipe_AppHost>(
        [
            $"--AIPIPE_DATA={folder.Path}", $"--port={ServerPorts.Take()}", "--ASPNETCORE_URLS=http://127.0.0.1:0",
            "--ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL=http://127.0.0.1:0", "--ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL=http://127.0.0.1:0", .. arguments,
        ], TestContext.Current.CancellationToken);
}
