using System.Globalization;
using AiPipe.Bench.Load;
using AiPipe.Bench.Parts;
using AiPipe.Bench.Report;

namespace AiPipe.Bench.Scenarios;

/// <summary>64 callers reading streams of 50 events, 20 ms apart; then the memory while 256 of them are open.</summary>
internal static class Streaming
{
    private const int Callers = 64;
    private const int ManyCallers = 256;

    public static async Task RunAsync(IReadOnlyList<Target> targets, Results results, TimeSpan duration)
    {
        foreach (var target in targets)
        {
            await new StreamLoad(target.Ports, Callers).RunAsync(streamsEach: 2);
            var usage = new Usage(target);
            var load = new StreamLoad(target.Ports, Callers);
            // A stream takes a little more than a second.
            await load.RunAsync((int)duration.TotalSeconds);
            await target.SettledAsync();
            var (cpu, postgres) = usage.Per(load.Events);
            results.Add(new ResultRow("streams 64 × 50", target.Name)
            {
                P50 = load.Delay.Percentile(50),
                P99 = load.Delay.Percentile(99),
                Cpu = cpu,
                PostgresCpu = target is AiPipeTarget ? postgres : null,
                Memory = await MemoryOfManyAsync(target),
                Errors = load.Errors,
                Note = string.Create(CultureInfo.InvariantCulture,
                    $"delay of an event; first event {load.FirstEvent.Percentile(50):0.00} ms after the request; {load.Joined} of "
                        + $"{load.Events} events joined with another; memory with 256 streams"),
            });
        }
    }

    private static async Task<double> MemoryOfManyAsync(Target target)
    {
        var streams = new StreamLoad(target.Ports, ManyCallers).RunAsync(streamsEach: 1);
        await Task.Delay(TimeSpan.FromMilliseconds(700));
        var memory = target.Memory;
        await streams;
        return memory;
    }
}
