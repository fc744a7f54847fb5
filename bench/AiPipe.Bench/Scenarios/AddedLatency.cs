using System.Globalization;
using AiPipe.Bench.Load;
using AiPipe.Bench.Parts;
using AiPipe.Bench.Report;

namespace AiPipe.Bench.Scenarios;

/// <summary>What a proxy adds to an answer of 50 ms, at a rate that leaves the machine idle most of the time.</summary>
internal static class AddedLatency
{
    private const int PerSecond = 2000;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);

    public static async Task RunAsync(UpstreamTarget direct, IReadOnlyList<Target> targets, Results results, TimeSpan duration)
    {
        var (p50, p99) = (0d, 0d);
        foreach (var target in targets.Prepend(direct))
        {
            await new FixedRate(PathTo(target), target.Ports, PerSecond).RunAsync(WarmUp);
            var usage = new Usage(target);
            var load = new FixedRate(PathTo(target), target.Ports, PerSecond);
            await load.RunAsync(duration);
            await target.SettledAsync();
            var (cpu, postgres) = usage.Per(load.Latency.Count);
            var (middle, high) = (load.Latency.Percentile(50), load.Latency.Percentile(99));
            if (target == direct) (p50, p99) = (middle, high);
            results.Add(new ResultRow("latency 2,000/s", target.Name)
            {
                PerSecond = load.Latency.Count / duration.TotalSeconds,
                P50 = middle,
                P99 = high,
                Cpu = cpu,
                PostgresCpu = target is AiPipeTarget ? postgres : null,
                Memory = target.Memory,
                Errors = load.Errors,
                Note = string.Create(CultureInfo.InvariantCulture,
                    $"added p50 {middle - p50:0.00}, p99 {high - p99:0.00}; the load itself late by {load.Lateness.Percentile(99):0.00} "
                        + $"(p99)"),
            });
        }
    }

    private static string PathTo(Target target) => target is UpstreamTarget ? "/50ms/v1/chat/completions" : Chat.SlowPath;
}
