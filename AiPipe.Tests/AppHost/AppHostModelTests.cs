using AiPipe.AppHost.Hosting;
using AiPipe.Tests.Fixtures;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using RedisChoice = AiPipe.AppHost.Hosting.Redis.RedisProgram;

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
    public async Task Proxy_gets_the_settings_of_the_AppHost_and_keys_as_secret_parameters()
    {
        using var folder = new TemporaryFolder();
        var builder = await CreateAsync(
            folder, "--containers=false", "--OPENAI_API_KEY=sk-canary", "--ADMIN_EMAILS=ann@example.com", "--APISIX_ADMIN_KEY=canary",
            "--AIPIPE_CONFIG=settings.json", "--AiPipe:Budgets:*:Limit=3");
        var published = new DistributedApplicationExecutionContext(DistributedApplicationOperation.Publish);
        var configuration = await ExecutionConfigurationBuilder.Create(Proxy(builder)).WithEnvironmentVariablesConfig()
            .BuildAsync(published, NullLogger.Instance, TestContext.Current.CancellationToken);
        var environment = configuration.EnvironmentVariables.ToDictionary();
        Assert.Equal("{openai-api-key.value}", environment["OPENAI_API_KEY"]);
        Assert.Equal("{admin-api-key.value}", environment["ADMIN_API_KEY"]);
        Assert.True(builder.Resources.OfType<ParameterResource>().Single(parameter => parameter.Name == "openai-api-key").Secret);
        Assert.Equal("ann@example.com", environment["ADMIN_EMAILS"]);
        Assert.Equal(Path.GetFullPath("settings.json"), environment["AIPIPE_CONFIG"]);
        Assert.Equal("3", environment["AiPipe__Budgets__*__Limit"]);
        Assert.DoesNotContain("GEMINI_API_KEY", environment.Keys);
    }

    [Theory]
    [InlineData("--port=70000", "--port 70000 is not a port: write a number from 1 to 65535.")]
    [InlineData("--port=8787;http", "--port http is not a port: write a number from 1 to 65535.")]
    [InlineData("--replicas=0", "--replicas 0 is not a number of replicas: write a number from 1 to 32.")]
    [InlineData("--replicas=two", "--replicas two is not a number of replicas: write a number from 1 to 32.")]
    [InlineData("--containers=podman", "--containers podman is neither true nor false.")]
    [InlineData("--Redis:Program=keydb", "Redis:Program is keydb. Use redis-server or garnet.")]
    [InlineData("--REDIS_ADDRESS=redis://localhost", "Set ConnectionStrings__redis=host:port,password=… here.")]
    public async Task Wrong_option_is_named_before_anything_starts(string option, string reason)
    {
        using var folder = new TemporaryFolder();
        var builder = DistributedApplication.CreateBuilder(["--containers=false", $"--AIPIPE_DATA={folder.Path}", option]);
        var error = await Assert.ThrowsAsync<CannotStartException>(() => LocalMachine.PrepareAsync(builder));
        Assert.EndsWith(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connection_strings_replace_servers()
    {
        using var folder = new TemporaryFolder();
        var builder = await CreateAsync(
            folder, "--containers=false", "--ConnectionStrings:aipipe=Host=db.example", "--ConnectionStrings:redis=redis.example");
        Assert.DoesNotContain(builder.Resources, static resource => resource.Name is "postgres");
        Assert.Equal("redis.example", await builder.Resources.OfType<IResourceWithConnectionString>()
            .Single(static resource => resource.Name == "redis").GetConnectionStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("c2VjcmV0IG9mIGFuIGVhcmxpZXIgdmVyc2lvbiwgMzIgYnl0ZXM=\n", "c2VjcmV0IG9mIGFuIGVhcmxpZXIgdmVyc2lvbiwgMzIgYnl0ZXM=")]
    [InlineData("", "[0-9a-f]{64}")]
    public async Task Secret_of_the_data_folder_is_kept_and_an_empty_one_replaced(string content, string expected)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "secret"), content, TestContext.Current.CancellationToken);
        var builder = await CreateAsync(folder, "--containers=false");
        var secret = builder.Resources.OfType<ParameterResource>().Single(static parameter => parameter.Name == "aipipe-secret");
        var value = await secret.GetValueAsync(TestContext.Current.CancellationToken);
        Assert.Matches($"^{expected}$", value);
        var stored = await File.ReadAllTextAsync(Path.Combine(folder.Path, "secret"), TestContext.Current.CancellationToken);
        Assert.Equal(value, stored.Trim());
    }

    [Fact]
    public async Task Data_in_containers_is_not_replaced_by_an_empty_database_when_Docker_is_stopped()
    {
        using var folder = new TemporaryFolder();
        Assert.True(await ServerChoice.UseContainersAsync(folder.Path, configured: true, runtime: null));
        var error = await Assert.ThrowsAsync<CannotStartException>(() =>
            ServerChoice.UseContainersAsync(folder.Path, configured: null, "a-runtime-that-is-not-installed"));
        Assert.Contains("--containers=false", error.Message, StringComparison.Ordinal);
        Assert.False(await ServerChoice.UseContainersAsync(folder.Path, configured: false, runtime: null));
    }

    [Fact]
    public async Task Cluster_in_the_folder_is_used_even_if_Docker_is_installed_later()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "postgres"));
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "postgres", "PG_VERSION"), "15\n", TestContext.Current.CancellationToken);
        Assert.False(await ServerChoice.UseContainersAsync(folder.Path, configured: null, "true"));
        // The program true exits with 0, as a runtime that runs.
        Directory.Delete(Path.Combine(folder.Path, "postgres"), recursive: true);
        Assert.True(await ServerChoice.UseContainersAsync(folder.Path, configured: null, "true"));
    }

    [Fact]
    public void Folder_that_others_can_write_to_is_rejected()
    {
        if (OperatingSystem.IsWindows()) return;
        using var folder = new TemporaryFolder();
        File.SetUnixFileMode(folder.Path, (UnixFileMode)0b111_111_111);
        var error = Assert.Throws<CannotStartException>(() => DataFolder.Open(folder.Path));
        Assert.StartsWith("Other users can write to the data folder ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("v=7.0.15 sha=00000000:0 malloc=jemalloc", "redis-server")]
    [InlineData("v=6.2.7 sha=00000000:0 malloc=jemalloc", "garnet")]
    public async Task Redis_server_is_used_from_version_7_on(string version, string program)
    {
        using var folder = new TemporaryFolder();
        var redis = folder.WriteProgram("redis-server", $"echo 'Redis server {version}'");
        Assert.Equal(program, await RedisChoice.ChooseAsync(configured: null, TestContext.Current.CancellationToken, redis));
    }

    [Theory]
    [InlineData("exit 0", true)]
    [InlineData("echo 'Cannot connect to the Docker daemon' >&2; exit 1", false)]
    public async Task Runtime_is_available_when_it_lists_containers(string script, bool available)
    {
        using var folder = new TemporaryFolder();
        var docker = folder.WriteProgram("docker", script);
        Assert.Equal(available, await ContainerRuntime.IsAvailableAsync(docker));
        Assert.False(await ContainerRuntime.IsAvailableAsync(docker + "-that-is-not-installed"));
    }

    private static ProjectResource Proxy(IDistributedApplicationTestingBuilder builder) =>
        builder.Resources.OfType<ProjectResource>().Single(project => project.Name == "proxy");

    internal static Task<IDistributedApplicationTestingBuilder> CreateAsync(TemporaryFolder folder, params string[] arguments) =>
        DistributedApplicationTestingBuilder.CreateAsync<Projects.AiPipe_AppHost>(
        [
            $"--AIPIPE_DATA={folder.Path}", $"--port={ServerPorts.Take()}", "--ASPNETCORE_URLS=http://127.0.0.1:0",
            "--ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL=http://127.0.0.1:0", "--ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL=http://127.0.0.1:0",
            .. arguments,
        ], TestContext.Current.CancellationToken);
}
