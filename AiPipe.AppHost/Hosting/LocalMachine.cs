using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AiPipe.AppHost.Hosting.Postgres;
using AiPipe.AppHost.Hosting.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AiPipe.AppHost.Hosting;

/// <summary>What the application needs of the machine that it runs on: a data folder, free ports, a container runtime or none.</summary>
internal sealed class LocalMachine : IAsyncDisposable
{
    private const int DefaultPort = 8787;
    private const int DefaultReplicas = 2;
    private const int MaxReplicas = 32;
    private static readonly TimeSpan EarlierRunTimeout = TimeSpan.FromSeconds(30);

    // What `dotnet run` takes from the launch profile.
    private static readonly (string Setting, string Address)[] DashboardDefaults =
    [
        ("ASPNETCORE_URLS", "http://localhost:15171"),
        ("ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", "http://localhost:19171"),
        ("ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL", "http://localhost:20171"),
    ];

    // Every process that the orchestrator starts inherits our environment; the services get what they need by their own.
    private static readonly string[] InheritedSecrets = ["AIPIPE_SECRET", "ConnectionStrings__aipipe", "ConnectionStrings__redis"];

    private readonly IDistributedApplicationBuilder _builder;
    private DataFolderLock? _lock;
    private EarlierRun? _processes;

    private LocalMachine(IDistributedApplicationBuilder builder) => _builder = builder;

    /// <summary>The folder of what survives a restart; empty where the application is only described (published).</summary>
    public string DataFolder { get; private set; } = "";

    /// <summary>True where Docker or Podman runs, and for what is published. <c>--containers=false</c> chooses processes where they run, too.</summary>
    public bool HasContainers { get; private set; } = true;

    /// <summary>The proxy's ports (<c>--port 8787</c>, or several: <c>--port "9080;9180"</c>); none where the platform chooses.</summary>
    public IReadOnlyList<int> Ports { get; private set; } = [];

    /// <summary>How many proxies run (<c>--replicas 2</c>).</summary>
    public int Replicas { get; private set; } = DefaultReplicas;

    /// <summary>Opens the data folder, ends what a killed AppHost left, and checks the ports.</summary>
    /// <exception cref="CannotStartException">The folder or a port is in use, or a setting is wrong.</exception>
    public static async Task<LocalMachine> PrepareAsync(IDistributedApplicationBuilder builder)
    {
        var machine = new LocalMachine(builder);
        if (builder.ExecutionContext.IsPublishMode) return machine;
        try
        {
            await machine.PrepareAsync();
            return machine;
        }
        catch
        {
            await machine.DisposeAsync();
            throw;
        }
    }

    /// <summary>True where <c>ConnectionStrings</c> names the user's own server; a deployment then asks for its connection string.</summary>
    public bool IsConfigured(string server) => !string.IsNullOrEmpty(_builder.Configuration.GetConnectionString(server));

    /// <summary>The name of a container's volume: one for each data folder, which has the password that the volume was made with.</summary>
    public string? VolumeName(string server) => _builder.ExecutionContext.IsPublishMode
        ? null
        : $"aipipe-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(DataFolder)))[..8]}-{server}";

    /// <summary>Adds a secret that is generated once: kept in the data folder, or by the deployment.</summary>
    public IResourceBuilder<ParameterResource> AddSecret(string name, string? fileName = null)
    {
        var file = Path.Combine(DataFolder, fileName ?? name.Replace('-', '.'));
        return _builder.AddParameter(name, new GeneratedSecret(file), secret: true);
    }

    /// <summary>Adds what runs beside the resources: first steps, supervision, the orderly end.</summary>
    public void AddLifecycle()
    {
        if (_builder.ExecutionContext.IsPublishMode) return;
        _builder.Services.AddSingleton(TimeProvider.System).AddSingleton(_processes!);
        // Before the orchestrator, whose start waits until every resource is healthy; they stop after it.
        _builder.Services.Insert(0, ServiceDescriptor.Singleton<IHostedService, FirstSteps>());
        _builder.Services.Insert(0, ServiceDescriptor.Singleton<IHostedService, ProcessSupervisor>());
        _builder.Services.Insert(0, ServiceDescriptor.Singleton<IHostedService, ProcessRecorder>());
        _builder.Services.AddHostedService<OrderlyShutdown>();
        // The orchestrator's steps, and the dashboard's own cookie keys.
        _builder.Services.AddLogging(static logging => logging.AddFilter("Aspire.Hosting.Dcp", LogLevel.Warning)
            .AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error));
    }

    public ValueTask DisposeAsync()
    {
        _lock?.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task PrepareAsync()
    {
        var configuration = _builder.Configuration;
        foreach (var (setting, address) in DashboardDefaults) configuration[setting] ??= address;
        configuration["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] ??= "true";
        Ports = ReadPorts(configuration["port"]);
        Replicas = ReadReplicas(configuration["replicas"]);
        var containers = ReadSwitch("containers", configuration["containers"]);
        if (configuration["REDIS_ADDRESS"] is { Length: > 0 } && !IsConfigured("redis"))
            throw new CannotStartException("REDIS_ADDRESS is read by a proxy that runs by itself. Set ConnectionStrings__redis=host:port,password=… here.");
        DataFolder = Hosting.DataFolder.Open(configuration["AIPIPE_DATA"]);
        // The replicas' journals belong there, too.
        configuration["AIPIPE_DATA"] = DataFolder;
        _lock = DataFolderLock.Acquire(DataFolder);
        _processes = new EarlierRun(DataFolder);
        var ended = await _processes.EndAsync(Console.WriteLine, CancellationToken.None);
        await ListeningPorts.CheckAsync(Ports, DashboardDefaults.Select(entry => (entry.Setting, configuration[entry.Setting])),
            ended ? EarlierRunTimeout : TimeSpan.Zero, CancellationToken.None);
        if (configuration["AIPIPE_SECRET"] is { Length: > 0 } secret) configuration["Parameters:aipipe-secret"] ??= secret;
        // A cluster that is there is used, also after Docker was installed beside it: its data is the installation's.
        var hasCluster = PostgresCluster.ReadMajorVersion(Path.Combine(DataFolder, "postgres")) is not null;
        HasContainers = containers ?? (!hasCluster && await ContainerRuntime.IsAvailableAsync(configuration["ASPIRE_CONTAINER_RUNTIME"]));
        if (!HasContainers) configuration[RedisProgram.Setting] = await RedisProgram.ChooseAsync(configuration[RedisProgram.Setting], CancellationToken.None);
        foreach (var secretVariable in InheritedSecrets) Environment.SetEnvironmentVariable(secretVariable, null);
    }

    private static int[] ReadPorts(string? configured)
    {
        if (string.IsNullOrWhiteSpace(configured)) return [DefaultPort];
        return [.. configured.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(text =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 1 and <= 65535
                ? port
                : throw new CannotStartException($"--port {text} is not a port: write a number from 1 to 65535.")).Distinct()];
    }

    private static int ReadReplicas(string? configured)
    {
        if (string.IsNullOrWhiteSpace(configured)) return DefaultReplicas;
        return int.TryParse(configured, NumberStyles.None, CultureInfo.InvariantCulture, out var replicas) && replicas is >= 1 and <= MaxReplicas
            ? replicas
            : throw new CannotStartException($"--replicas {configured} is not a number of replicas: write a number from 1 to {MaxReplicas}.");
    }

    private static bool? ReadSwitch(string name, string? configured)
    {
        if (string.IsNullOrWhiteSpace(configured)) return null;
        return bool.TryParse(configured, out var value) ? value : throw new CannotStartException($"--{name} {configured} is neither true nor false.");
    }
}
