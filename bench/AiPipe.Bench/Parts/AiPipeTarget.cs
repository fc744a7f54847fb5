namespace AiPipe.Bench.Parts;

/// <summary>
/// AiPipe in production settings with everything on: tokens checked, budgets reserved and settled, usage metered, entries journalled and
/// written to Postgres. One Proxy with its counters in memory, or two that share a Redis.
/// </summary>
internal sealed class AiPipeTarget : Target
{
    private readonly ProxyProcess[] _replicas;
    private readonly PostgresServer _postgres;

    private AiPipeTarget(ProxyProcess[] replicas, PostgresServer postgres) => (_replicas, _postgres) = (replicas, postgres);

    public override string Name => _replicas.Length == 1 ? "AiPipe" : $"AiPipe × {_replicas.Length}";
    public override IReadOnlyList<int> Ports => [.. _replicas.Select(static replica => replica.Port)];
    public override double Cpu => _replicas.Sum(static replica => replica.Cpu);
    public override double PostgresCpu => _postgres.Cpu;
    public override double Memory => _replicas.Sum(static replica => replica.Memory);

    /// <summary>Starts a Proxy, or two where <paramref name="redis"/> holds the counters.</summary>
    /// <param name="folder">Holds logs and data folders.</param>
    /// <param name="upstream">The provider.</param>
    /// <param name="postgres">Holds the ledger.</param>
    /// <param name="redis"><c>null</c> keeps the counters in the Proxy's memory.</param>
    /// <param name="budget">USD a day for every user.</param>
    public static async Task<AiPipeTarget> StartAsync(
        Folder folder, UpstreamTarget upstream, PostgresServer postgres, RedisServer? redis, decimal budget)
    {
        List<ProxyProcess> replicas = [];
        for (var i = 1; i <= (redis is null ? 1 : 2); i++)
            replicas.Add(await ProxyProcess.StartAsync(folder, $"proxy-{i}", upstream, postgres, redis, budget));
        return new AiPipeTarget([.. replicas], postgres);
    }

    public override Task SettledAsync() => Task.WhenAll(Ports.Select(GatewayClient.SettledAsync));

    public override async ValueTask DisposeAsync()
    {
        foreach (var replica in _replicas) await replica.DisposeAsync();
    }
}
