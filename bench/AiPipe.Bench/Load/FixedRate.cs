using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace AiPipe.Bench.Load;

/// <summary>
/// Calls at a fixed rate, whether or not earlier ones have been answered (an open loop: a slow answer does not lower the rate and so
/// cannot hide). Each takes a connection that is free, or a new one.
/// </summary>
internal sealed class FixedRate(string path, IReadOnlyList<int> ports, int perSecond)
{
    private const int Users = 100;
    private static readonly TimeSpan Answered = TimeSpan.FromSeconds(5);

    private readonly byte[][] _requests = [.. Enumerable.Range(0, Users)
        .Select(user => Chat.Request(path, string.Create(CultureInfo.InvariantCulture, $"user{user}@example.com"), streams: false))];
    private readonly ConcurrentBag<KeptConnection> _free = [];
    private int _inFlight;
    private long _errors;

    /// <summary>From sending to the answer's last byte.</summary>
    public Times Latency { get; } = new();
    /// <summary>How far behind its plan the load itself was.</summary>
    public Times Lateness { get; } = new();
    public long Errors => Volatile.Read(ref _errors);

    public async Task RunAsync(TimeSpan duration)
    {
        var calls = (int)(perSecond * duration.TotalSeconds);
        // A thread of its own: the pool's are busy with answers.
        var sending = new Thread(() => Send(calls)) { Priority = ThreadPriority.AboveNormal };
        sending.Start();
        await Task.Run(sending.Join);
        var waited = Stopwatch.StartNew();
        while (Volatile.Read(ref _inFlight) > 0 && waited.Elapsed < Answered) await Task.Delay(10);
        Interlocked.Add(ref _errors, Volatile.Read(ref _inFlight));
        foreach (var connection in _free) connection.Dispose();
    }

    private void Send(int calls)
    {
        var started = Stopwatch.GetTimestamp();
        for (var call = 0; call < calls; call++)
        {
            var due = started + (long)(Stopwatch.Frequency * (double)call / perSecond);
            while (Stopwatch.GetTimestamp() < due) Thread.Sleep(TimeSpan.FromMilliseconds(1));
            Lateness.AddSince(due);
            Interlocked.Increment(ref _inFlight);
            _ = CallAsync(call);
        }
    }

    private async Task CallAsync(int call)
    {
        try
        {
            if (!_free.TryTake(out var connection)) connection = await KeptConnection.OpenAsync(ports[call % ports.Count]);
            var sent = Stopwatch.GetTimestamp();
            if (await connection.CallAsync(_requests[call % Users]) != 200)
            {
                Interlocked.Increment(ref _errors);
                connection.Dispose();
                return;
            }
            Latency.AddSince(sent);
            _free.Add(connection);
        }
        catch (System.Net.Sockets.SocketException)
        {
            Interlocked.Increment(ref _errors);
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }
}
