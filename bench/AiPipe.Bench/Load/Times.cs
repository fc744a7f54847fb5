using System.Diagnostics;

namespace AiPipe.Bench.Load;

/// <summary>Durations of one kind, in ticks of <see cref="Stopwatch"/>; may be added to by several threads.</summary>
internal sealed class Times
{
    private readonly Lock _gate = new();
    private readonly List<long> _ticks = [];

    public int Count => _ticks.Count;

    public void AddSince(long started) => Add(Stopwatch.GetTimestamp() - started);

    public void Add(long ticks)
    {
        lock (_gate) _ticks.Add(ticks);
    }

    /// <summary>In milliseconds; 0 where nothing was added.</summary>
    public double Percentile(double percent)
    {
        lock (_gate)
        {
            if (_ticks.Count == 0) return 0;
            _ticks.Sort();
            var index = (int)Math.Ceiling(_ticks.Count * percent / 100) - 1;
            return Stopwatch.GetElapsedTime(0, _ticks[Math.Max(index, 0)]).TotalMilliseconds;
        }
    }
}
