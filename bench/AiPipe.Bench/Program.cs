using System.Globalization;
using System.Runtime.InteropServices;
using AiPipe.Bench.Parts;
using AiPipe.Bench.Report;
using AiPipe.Bench.Scenarios;
using AiPipe.Bench.Upstream;

namespace AiPipe.Bench;

/// <summary><c>bench/run.sh [all | quick | throughput | latency | streams | pages | replicas]</c></summary>
internal static class Program
{
    /// <summary>A budget in USD that no run spends.</summary>
    private const decimal NeverReached = 1_000_000m;

    private static readonly string[] Scenarios = ["all", "quick", "throughput", "latency", "streams", "pages", "replicas"];

    public static async Task<int> Main(string[] args)
    {
        Inline.Choose();
        if (args is ["upstream", var port])
        {
            await UpstreamServer.RunAsync(int.Parse(port, CultureInfo.InvariantCulture));
            return 0;
        }
        var scenario = args.Length == 0 ? "all" : args[0];
        if (args.Length > 1 || !Scenarios.Contains(scenario))
        {
            await Console.Error.WriteLineAsync($"Use one of: {string.Join(' ', Scenarios)}");
            return 2;
        }

        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, EndEarly);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, EndEarly);
        using var folder = new Folder();
        var results = new Results(TimeProvider.System.GetLocalNow());
        if (scenario is not "replicas") await SideBySideAsync(scenario, folder, results);
        if (scenario is "all" or "replicas") await Replicas.RunAsync(folder, results);
        return 0;
    }

    // The started processes must not outlive the run; their temporary folders do.
    private static void EndEarly(PosixSignalContext signal)
    {
        signal.Cancel = true;
        Part.EndAllAsync().GetAwaiter().GetResult();
        Environment.Exit(130);
    }

    private static async Task SideBySideAsync(string scenario, Folder folder, Results results)
    {
        var duration = TimeSpan.FromSeconds(scenario is "quick" ? 3 : 10);
        await using var redis = await RedisServer.StartIfAskedAsync(folder);
        await using var upstream = await UpstreamTarget.StartAsync(folder);
        await using var nginx = await NginxTarget.StartAsync(folder, upstream);
        await using var postgres = await PostgresServer.StartAsync();
        await using var aipipe = await AiPipeTarget.StartAsync(folder, upstream, postgres, redis, NeverReached);
        Target[] targets = [nginx, aipipe];
        results.Add(new ResultRow("idle", aipipe.Name) { Memory = aipipe.Memory });
        if (scenario is "all" or "quick" or "throughput") await Throughput.RunAsync(folder, targets, results, duration);
        if (scenario is "all" or "quick" or "latency") await AddedLatency.RunAsync(upstream, targets, results, duration);
        if (scenario is "all" or "quick" or "streams") await Streaming.RunAsync(targets, results, duration);
        if (scenario is "all" or "pages") await Pages.RunAsync(aipipe, results);
        if (redis is not null && !await redis.IsUsedAsync()) Console.WriteLine(RedisServer.NotUsed);
    }
}
