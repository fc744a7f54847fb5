namespace AiPipe.Bench.Parts;

/// <summary>One Proxy alone, as a cluster runs several of, before a Postgres (and a Redis) that they share.</summary>
internal sealed class ReplicaTarget : Target
{
    private readonly Part _process;

    private ReplicaTarget(Part process, int port, string name) => (_process, Port, Name) = (process, port, name);

    public override string Name { get; }
    public override int Port { get; }
    public override double Cpu => Proc.CpuOf(_process.Pid);
    public override double Memory => Proc.MemoryOfFamily(_process.Pid);

    /// <summary>Starts one.</summary>
    /// <param name="folder">Its log and its journal go below it.</param>
    /// <param name="name">Among its like.</param>
    /// <param name="upstream">The provider.</param>
    /// <param name="postgres">The ledger's.</param>
    /// <param name="redis">The counters'; <c>null</c> = in its own memory.</param>
    /// <param name="budget">Of every user, USD a day.</param>
    public static async Task<ReplicaTarget> StartAsync(
        Folder folder, string name, UpstreamTarget upstream, PostgresServer postgres, RedisServer? redis, decimal budget)
    {
        var port = Part.FreePort();
        var environment = GatewaySettings.Environment(Path.Combine(folder.Path, name), redis);
        environment["ConnectionStrings__aipipe"] = postgres.ConnectionString;
        var process = Part.Start(folder, name, "dotnet", [Build.Proxy, .. GatewaySettings.Arguments(port, upstream.Port, budget)], environment);
        return new ReplicaTarget(await process.ListensAsync(port), port, name);
    }

    public override Task SettledAsync() => GatewayClient.SettledAsync(Port);

    public override ValueTask DisposeAsync() => _process.DisposeAsync();
}
