using System.Diagnostics;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Fixtures;

/// <summary>Callers who call one time after the other until they are stopped, or one of them finds something wrong.</summary>
internal sealed class Load
{
    private static readonly TimeSpan PhaseLimit = TimeSpan.FromMinutes(5);

    private readonly int[] _calls;
    private readonly Task[] _callers;
    private volatile bool _isStopped;

    /// <summary>Starts.</summary>
    /// <param name="callers">How many.</param>
    /// <param name="call">One call: whose, and how many it has had before.</param>
    public Load(int callers, Func<int, int, Task> call)
    {
        _calls = new int[callers];
        _callers = [.. Enumerable.Range(0, callers).Select(caller => Task.Run(() => RunAsync(caller, call)))];
    }

    /// <summary>Calls that have ended.</summary>
    public int Calls => _calls.Sum();

    /// <summary>Returns when every caller has had some more calls.</summary>
    public async Task PhaseAsync(int calls)
    {
        var goal = _calls.Select(count => count + calls).ToArray();
        // However slow they are, it goes on as long as those come on who have not had theirs, and not for ever.
        var begun = Stopwatch.GetTimestamp();
        for (var missing = Missing(); missing > 0;)
        {
            var before = missing;
            await Eventually.TrueAsync(async () =>
            {
                if (Array.Find(_callers, caller => caller.IsFaulted || caller.IsCanceled) is { } wrong) await wrong;
                return (missing = Missing()) < before;
            }, "some calls of everybody");
            if (Stopwatch.GetElapsedTime(begun) > PhaseLimit) throw new TimeoutException(
                $"Of the calls of everybody {missing} are missing.");
        }

        int Missing() => _calls.Zip(goal).Sum(count => Math.Max(0, count.Second - count.First));
    }

    /// <summary>Returns when everybody's last call has ended.</summary>
    public Task StopAsync()
    {
        _isStopped = true;
        return Task.WhenAll(_callers);
    }

    private async Task RunAsync(int caller, Func<int, int, Task> call)
    {
        while (!_isStopped)
        {
            await call(caller, _calls[caller]);
            Interlocked.Increment(ref _calls[caller]);
        }
    }
}
