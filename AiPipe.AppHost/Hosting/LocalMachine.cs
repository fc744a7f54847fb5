using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AiPipe.AppHost.Hosting.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AiPipe.AppHost.Hosting;

/// <summary>Prepares this machine for the application: the data folder, the ports, and containers or processes for the servers.</summary>
internal sealed class LocalMachine : IAsyncDisposable
{
    private const int DefaultPort = 8787;
    private const int DefaultReplicas = 2;
    private const int MaxReplicas = 32;
    private static readonly TimeSpan EarlierRunTimeout = TimeSpan.FromSeconds(30);

    // The launch profile has the same values, but only `dotnet run` reads it.
    private static readonly (string Setting, string Address)[] DashboardDefaults =
    [
        ("ASPNETCORE_URLS", "http://localhost:15171"),
        ("ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", "http://localhost:19171"),
        ("ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL", "http://localhost:20171"),
    ];

    // Removed from our environment, which every process that the orchestrator starts inherits. The model passes them to the services.
    private static readonly string[] InheritedSecrets = ["AIPIPE_SECRET", "ConnectionStrings__aipipe", "ConnectionStrings__redis"];

    private readonly IDistributedApplicationBuilder _builder;
    private DataFolderLock? _lock;
    private EarlierRun? _processes;

    private LocalMachine(IDistributedApplicationBuilder builder) => _builder = builder;

    /// <summary>The folder for data that must survive a restart; empty in publish mode.</summary>
    public string DataFolder { get; private set; } = "";

    /// <summary>True if Docker or Podman runs, and in publish mode. <c>--containers=false</c> selects processes anyway.</summary>
    public bool HasContainers { get; private set; } = true;

    /// <summary>The proxy's ports (<c>--port 8787</c>, or several: <c>--port "9080;9180"</c>); empty in publish mode.</summary>
    public IReadOnlyList<int> Ports { get; private set; } = [];

    /// <summary>The number of the proxy's replicas (<c>--replicas 2</c>).</summary>
    public int Replicas { get; private set; } = DefaultReplicas;

    /// <summary>Opens the data folder, ends the processes that a killed AppHost left running, and checks the ports.</summary>
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

    /// <summary>
    /// True if <c>ConnectionStrings</c> names the operator's own server. In publish mode, the deployment asks for the connection string.
    /// </summary>
    public bool IsConfigured(string server) => !string.IsNullOrEmpty(_builder.Configuration.GetConnectionString(server));

    /// <summary>
    /// The name of a container's volume. Each data folder has its own volumes, because it has the passwords that they were created with.
    /// </summary>
    public string? VolumeName(string server) => _builder.ExecutionContext.IsPublishMode
        ? null
        : $"aipipe-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(DataFolder)))[..8]}-{server}";

    /// <summary>Adds a secret that is generated once and stored in the data folder, or by the deployment.</summary>
    public IResourceBuilder<ParameterResource> AddSecret(string name, string? fileName = null)
    {
        var file = Path.Combine(DataFolder, fileName ?? name.Replace('-', '.'));
        return _builder.AddParameter(name, new GeneratedSecret(file), secret: true);
    }

    /// <summary>Adds the hosted services that print the first steps, restart processes and stop the resources in order.</summary>
    public void AddLifecycle()
    {
        if (_builder.ExecutionContext.IsPublishMode) return;
        _builder.Services.AddSingleton(TimeProvider.System).AddSingleton(_processes!).AddSingleton<FailedStart>();
        // These start before the orchestrator, whose start waits until every resource is healthy. They stop after it.
        _builder.Services.Insert(0, ServiceDescriptor.Singleton<IHostedService, FirstSteps>());
        _builder.Services.Insert(0, ServiceDescriptor.Singleton<IHostedService, ProcessSupervisor>());
        _builder.Services.Insert(0, ServiceDescriptor.Singleton<IHostedService, ProcessRecorder>());
        _builder.Services.AddHostedService<OrderlyShutdown>();
        // Hides the orchestrator's progress, and the warnings about the dashboard's own cookie keys.
        _builder.Services.AddLogging(static logging => logging.AddFilter("Aspire.Hosting.Dcp", LogLevel.Warning)
            .AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error)
            // The host logs a stack trace if the start is stopped. The reason is printed in one line instead.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical));
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
            throw new CannotStartException(
                "REDIS_ADDRESS is only for a proxy without the AppHost. Set ConnectionStrings__redis=host:port,password=… here.");
        DataFolder = Hosting.DataFolder.Open(configuration["AIPIPE_DATA"]);
        // FirstSteps prints it.
        configuration["AIPIPE_DATA"] = DataFolder;
        _lock = DataFolderLock.Acquire(DataFolder);
        _processes = new EarlierRun(DataFolder);
        var ended = await _processes.EndAsync(Console.WriteLine, CancellationToken.None);
        await ListeningPorts.CheckAsync(Ports, DashboardDefaults.Select(entry => (entry.Setting, configuration[entry.Setting])),
            ended ? EarlierRunTimeout : TimeSpan.Zero, CancellationToken.None);
        if (configuration["AIPIPE_SECRET"] is { Length: > 0 } secret) configuration["Parameters:aipipe-secret"] ??= secret;
        HasContainers = await ServerChoice.UseContainersAsync(DataFolder, containers, configuration["ASPIRE_CONTAINER_RUNTIME"]);
        if (!HasContainers)
        {
            var program = await RedisProgram.ChooseAsync(configuration[RedisProgram.Setting], CancellationToken.None);
            configuration[RedisProgram.Setting] = program;
        }
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
        var isNumber = int.TryParse(configured, NumberStyles.None, CultureInfo.InvariantCulture, out var replicas);
        return isNumber && replicas is >= 1 and <= MaxReplicas
            ? replicas
            : throw new CannotStartException(
                $"--replicas {configured} is not a number of replicas: write a number from 1 to {MaxReplicas}.");
    }

    private static bool? ReadSwitch(string name, string? configured)
    {
        if (string.IsNullOrWhiteSpace(configured)) return null;
        return bool.TryParse(configured, out var value)
            ? value
            : throw new CannotStartException($"--{name} {configured} is neither true nor false.");
    }
}
