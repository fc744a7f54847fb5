using System.Diagnostics;
using System.Globalization;
using AiPipe.Bench.Load;
using AiPipe.Bench.Parts;
using AiPipe.Bench.Report;

namespace AiPipe.Bench.Scenarios;

/// <summary>
/// One user's budget under everybody's hands: 200 callers spend it through two Proxy replicas that share a Redis and a Postgres
/// (without <c>REDIS=1</c> through one: counters in memory are one process's own). Afterwards four records must agree: the ledger,
/// the counters, the provider's own, and the limit.
/// </summary>
internal static class Replicas
{
    private const string User = "everybody@example.com";
    private const int Callers = 200;
    private const decimal Budget = 1m;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static async Task RunAsync(Folder folder, Results results)
    {
        await using var redis = await RedisServer.StartIfAskedAsync(folder);
        await using var upstream = await UpstreamTarget.StartAsync(folder);
        await using var postgres = await PostgresServer.StartAsync();
        await using var first = await ReplicaTarget.StartAsync(folder, "replica-1", upstream, postgres, redis, Budget);
        await using var second = redis is null ? null : await ReplicaTarget.StartAsync(folder, "replica-2", upstream, postgres, redis, Budget);
        ReplicaTarget[] replicas = second is null ? [first] : [first, second];

        var (cpu, postgresCpu, started) = (replicas.Sum(replica => replica.Cpu), postgres.Cpu, Stopwatch.GetTimestamp());
        var load = new SharedBudget([.. replicas.Select(replica => replica.Port)], User, Callers);
        await load.RunAsync(Limit);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        foreach (var replica in replicas) await replica.SettledAsync();

        var money = await MoneyAsync(replicas, postgres, upstream);
        var calls = load.Answered + load.Left;
        results.Add(new ResultRow("one budget, 200 callers", replicas.Length == 1 ? "AiPipe" : "AiPipe × 2")
        {
            PerSecond = calls / seconds,
            P50 = load.Latency.Percentile(50),
            P99 = load.Latency.Percentile(99),
            Cpu = (replicas.Sum(replica => replica.Cpu) - cpu) * 1e6 / calls,
            PostgresCpu = (postgres.Cpu - postgresCpu) * 1e6 / calls,
            Memory = replicas.Sum(replica => replica.Memory),
            Errors = load.Errors,
            Note = string.Create(CultureInfo.InvariantCulture,
                $"{load.Left} left in mid-stream, {load.Refused} refused; {money}"),
        });
        if (redis is not null && !await redis.IsUsedAsync()) Console.WriteLine(RedisServer.NotUsed);
    }

    /// <summary>The four records, in USD.</summary>
    private static async Task<string> MoneyAsync(ReplicaTarget[] replicas, PostgresServer postgres, UpstreamTarget upstream)
    {
        var ledger = await postgres.ValueAsync("select coalesce(sum(cost), 0) from ledger_entries");
        var served = await upstream.ServedAsync();
        var provider = (served.Input * GatewaySettings.InputPrice + served.Output * GatewaySettings.OutputPrice) / 1_000_000m;
        var counters = new List<string>();
        foreach (var replica in replicas)
        {
            var (spent, held) = await GatewayClient.UsageAsync(replica.Port, User);
            counters.Add(string.Create(CultureInfo.InvariantCulture, $"{spent} (held {held})"));
        }
        return string.Create(CultureInfo.InvariantCulture,
            $"USD: limit {Budget}, ledger {ledger:0.000000}, counters {string.Join(" and ", counters)}, the provider's record {provider:0.000000}; overspend {Math.Max(0, ledger - Budget):0.000000}");
    }
}
