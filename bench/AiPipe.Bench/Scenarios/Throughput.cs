using System.Diagnostics;
using System.Globalization;
using AiPipe.Bench.Load;
using AiPipe.Bench.Parts;
using AiPipe.Bench.Report;

namespace AiPipe.Bench.Scenarios;

/// <summary>How many calls go through when a number of them is always in flight and the provider answers at once.</summary>
internal static class Throughput
{
    public static async Task RunAsync(Folder folder, IReadOnlyList<Target> targets, Results results, TimeSpan duration)
    {
        foreach (var target in targets) await WarmUpAsync(folder, target, duration);
        foreach (var inFlight in new[] { 64, 256 })
        {
            foreach (var target in targets) results.Add(await MeasureAsync(folder, target, inFlight, duration));
        }
    }

    private static async Task WarmUpAsync(Folder folder, Target target, TimeSpan duration)
    {
        // It compiles its busiest methods again and again as it learns what they do: tens of thousands of calls.
        await Wrk.RunAsync(folder, target, inFlight: 64, target is AiPipeTarget ? duration * 1.5 : TimeSpan.FromSeconds(1));
        await target.SettledAsync();
    }

    private static async Task<ResultRow> MeasureAsync(Folder folder, Target target, int inFlight, TimeSpan duration)
    {
        var usage = new Usage(target);
        var load = await Wrk.RunAsync(folder, target, inFlight, duration);
        var memory = target.Memory;
        var ended = Stopwatch.GetTimestamp();
        await target.SettledAsync();
        var (cpu, postgres) = usage.Per(load.Requests);
        return new ResultRow(string.Create(CultureInfo.InvariantCulture, $"throughput {inFlight}"), target.Name)
        {
            PerSecond = load.PerSecond,
            P50 = load.P50 / 1e3,
            P99 = load.P99 / 1e3,
            Cpu = cpu,
            PostgresCpu = target is AiPipeTarget ? postgres : null,
            Memory = memory,
            Errors = load.Errors,
            Note = target is AiPipeTarget
                ? string.Create(CultureInfo.InvariantCulture,
                $"ledger complete {Stopwatch.GetElapsedTime(ended).TotalMilliseconds:0} ms later") : "",
        };
    }
}
