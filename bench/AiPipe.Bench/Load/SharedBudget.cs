using System.Diagnostics;
using System.Net.Sockets;

namespace AiPipe.Bench.Load;

/// <summary>
/// Many callers who are one user and spend one budget as fast as they can, until it is gone: a third of them ask for whole answers,
/// a third for streams, and a third leave their streams in the middle.
/// </summary>
internal sealed class SharedBudget(IReadOnlyList<int> ports, string email, int callers)
{
    /// <summary>Whoever is refused so often in a row has understood.</summary>
    private const int RefusalsInARow = 5;
    private const int MostReads = 40;
    private static readonly TimeSpan BeforeAskingAgain = TimeSpan.FromMilliseconds(100);

    private long _answered;
    private long _left;
    private long _refused;
    private long _errors;

    /// <summary>Of whole answers that took the provider 50 ms.</summary>
    public Times Latency { get; } = new();
    public long Answered => Volatile.Read(ref _answered);
    public long Left => Volatile.Read(ref _left);
    public long Refused => Volatile.Read(ref _refused);
    public long Errors => Volatile.Read(ref _errors);

    public async Task RunAsync(TimeSpan limit)
    {
        using var ending = new CancellationTokenSource(limit);
        await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => CallAsync(caller, ending.Token)));
    }

    private async Task CallAsync(int caller, CancellationToken ending)
    {
        var streams = caller % 3 > 0;
        var leaves = caller % 3 == 2;
        var request = Chat.Request(Chat.SlowPath, email, streams);
        var port = ports[caller % ports.Count];
        var connection = await KeptConnection.OpenAsync(port);
        var reads = caller % MostReads;
        for (var refusals = 0; refusals < RefusalsInARow && !ending.IsCancellationRequested;)
        {
            // Another place to leave at each time, none of them before the first event.
            reads = (reads * 7 + 3) % MostReads;
            var (status, hasLeft) = await OnceAsync(connection, request, leaves ? reads + 2 : null, timed: !streams);
            if (hasLeft || status == 0)
            {
                connection.Dispose();
                connection = await KeptConnection.OpenAsync(port);
            }
            Count(status, hasLeft);
            refusals = status == 429 ? refusals + 1 : 0;
            if (status == 429) await Task.Delay(BeforeAskingAgain, CancellationToken.None);
        }
        connection.Dispose();
    }

    private async Task<(int Status, bool HasLeft)> OnceAsync(KeptConnection connection, byte[] request, int? leaveAfter, bool timed)
    {
        var (sent, reads, hasLeft) = (Stopwatch.GetTimestamp(), 0, false);
        try
        {
            var status = await connection.CallAsync(request, read => !(hasLeft = ++reads >= leaveAfter));
            if (timed && status == 200) Latency.AddSince(sent);
            return (status, hasLeft);
        }
        catch (SocketException)
        {
            return (0, hasLeft);
        }
    }

    private void Count(int status, bool hasLeft)
    {
        if (hasLeft) Interlocked.Increment(ref _left);
        else if (status == 200) Interlocked.Increment(ref _answered);
        else if (status == 429) Interlocked.Increment(ref _refused);
        else Interlocked.Increment(ref _errors);
    }
}
