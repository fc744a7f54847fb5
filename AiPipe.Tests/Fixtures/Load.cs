using AiPipe.Tests.Support;

namespace AiPipe.Tests.Fixtures;

/// <summary>Callers who call one time after the other until they are stopped, or one of them finds something wrong.</summary>
internal sealed class Load
{
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
        var before = _calls.ToArray();
        // However slow they are, it goes on as long as anybody's call ends.
        for (var isDone = false; !isDone;)
        {
            var ended = Calls;
            await Eventually.TrueAsync(async () =>
            {
                if (Array.Find(_callers, caller => caller.IsFaulted || caller.IsCanceled) is { } wrong) await wrong;
                isDone = _calls.Zip(before).All(count => count.First >= count.Second + calls);
                return isDone || Calls > ended;
            }, "some calls of everybody");
        }
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
