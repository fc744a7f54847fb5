namespace AiPipe.Bench.Parts;

/// <summary>One Proxy, started as a container starts it. It serves the Portal's pages itself.</summary>
internal sealed class ProxyProcess : IAsyncDisposable
{
    private readonly Part _process;

    private ProxyProcess(Part process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    /// <summary>CPU seconds used so far.</summary>
    public double Cpu => Proc.CpuOf(_process.Pid);

    /// <summary>Resident memory in MB.</summary>
    public double Memory => Proc.MemoryOfFamily(_process.Pid);

    /// <summary>Starts a Proxy and waits until it is healthy.</summary>
    /// <param name="folder">Holds its log and its data folder.</param>
    /// <param name="name">Names both; unique within <paramref name="folder"/>.</param>
    /// <param name="upstream">The provider.</param>
    /// <param name="postgres">Holds the ledger.</param>
    /// <param name="redis">Holds the counters; <c>null</c> keeps them in the Proxy's memory.</param>
    /// <param name="budget">USD a day for every user.</param>
    public static async Task<ProxyProcess> StartAsync(
        Folder folder, string name, UpstreamTarget upstream, PostgresServer postgres, RedisServer? redis, decimal budget)
    {
        var port = Part.FreePort();
        var environment = GatewaySettings.Environment(Path.Combine(folder.Path, name), postgres, redis);
        var process = Part.Start(
            folder, name, "dotnet", [Build.Proxy, .. GatewaySettings.Arguments(port, upstream.Port, budget)], environment);
        await process.ListensAsync(port);
        await GatewayClient.HealthyAsync(port);
        return new ProxyProcess(process, port);
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
