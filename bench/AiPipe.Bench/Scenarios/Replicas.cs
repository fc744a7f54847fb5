using System.Diagnostics;
using System.Globalization;
using AiPipe.Bench.Load;
using AiPipe.Bench.Parts;
using AiPipe.Bench.Report;

namespace AiPipe.Bench.Scenarios;

/// <summary>
/// One user's budget, spent by 200 callers through two Proxy replicas that share a Redis and a Postgres
/// (without <c>REDIS=1</c> through one Proxy, whose counters are in memory). Afterwards four records must agree: the ledger,
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
        await using var aipipe = await AiPipeTarget.StartAsync(folder, upstream, postgres, redis, Budget);

        var (usage, started) = (new Usage(aipipe), Stopwatch.GetTimestamp());
        var load = new SharedBudget(aipipe.Ports, User, Callers);
        await load.RunAsync(Limit);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await aipipe.SettledAsync();

        var money = await MoneyAsync(aipipe, postgres, upstream);
        var calls = load.Answered + load.Left;
        var (cpu, postgresCpu) = usage.Per(calls);
        results.Add(new ResultRow("one budget, 200 callers", aipipe.Name)
        {
            PerSecond = calls / seconds,
            P50 = load.Latency.Percentile(50),
            P99 = load.Latency.Percentile(99),
            Cpu = cpu,
            PostgresCpu = postgresCpu,
            Memory = aipipe.Memory,
            Errors = load.Errors,
            Note = string.Create(CultureInfo.InvariantCulture,
                $"{load.Left} left in mid-stream, {load.Refused} refused; {money}"),
        });
        if (redis is not null && !await redis.IsUsedAsync()) Console.WriteLine(RedisServer.NotUsed);
    }

    /// <summary>The four records, in USD.</summary>
    private static async Task<string> MoneyAsync(AiPipeTarget aipipe, PostgresServer postgres, UpstreamTarget upstream)
    {
        var ledger = await postgres.ValueAsync("select coalesce(sum(cost), 0) from ledger_entries");
        var served = await upstream.ServedAsync();
        var provider = (served.Input * GatewaySettings.InputPrice + served.Output * GatewaySettings.OutputPrice) / 1_000_000m;
        var counters = new List<string>();
        foreach (var port in aipipe.Ports)
        {
            var (spent, held) = await GatewayClient.UsageAsync(port, User);
            counters.Add(string.Create(CultureInfo.InvariantCulture, $"{spent} (held {held})"));
        }
        return string.Create(CultureInfo.InvariantCulture,
            $"USD: limit {Budget}, ledger {ledger:0.000000}, counters {string.Join(" and ", counters)}, the provider's record "
                + $"{provider:0.000000}; overspend {Math.Max(0, ledger - Budget):0.000000}");
    }
}
