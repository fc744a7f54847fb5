using AiPipe.Bench.Parts;

namespace AiPipe.Bench.Scenarios;

/// <summary>What a target used of the machine since a moment, its work on everything that it was sent included.</summary>
internal sealed class Usage(Target target)
{
    private readonly double _cpu = target.Cpu;
    private readonly double _postgres = target.PostgresCpu;

    /// <summary>Microseconds of the proxy's and of Postgres's CPU for each of a count of things.</summary>
    public (double Cpu, double Postgres) Per(long count) =>
        ((target.Cpu - _cpu) * 1e6 / Math.Max(count, 1), (target.PostgresCpu - _postgres) * 1e6 / Math.Max(count, 1));
}
