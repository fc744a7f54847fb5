using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using AiPipe.Bench.Upstream;

namespace AiPipe.Bench.Load;

/// <summary>Callers that each read one stream after the other, and watch when every event arrives.</summary>
internal sealed class StreamLoad(IReadOnlyList<int> ports, int callers)
{
    private static readonly byte[] SentAt = Encoding.ASCII.GetBytes(UpstreamAnswers.SentAt);

    private long _events;
    private long _joined;
    private long _errors;

    /// <summary>From sending the request to the first event.</summary>
    public Times FirstEvent { get; } = new();
    /// <summary>From an event's leaving the provider to its arrival.</summary>
    public Times Delay { get; } = new();
    public long Events => Volatile.Read(ref _events);
    /// <summary>Events that arrived in one read with an earlier one.</summary>
    public long Joined => Volatile.Read(ref _joined);
    public long Errors => Volatile.Read(ref _errors);

    public Task RunAsync(int streamsEach) => Task.WhenAll(Enumerable.Range(0, callers).Select(caller => CallAsync(caller, streamsEach)));

    private async Task CallAsync(int caller, int streams)
    {
        using var connection = await KeptConnection.OpenAsync(ports[caller % ports.Count]);
        var request = Chat.Request(Chat.Path, string.Create(CultureInfo.InvariantCulture, $"user{caller}@example.com"), streams: true);
        // Not all in step: people do not ask in chorus.
        await Task.Delay(caller * 20 / callers);
        for (var stream = 0; stream < streams; stream++)
        {
            var sent = Stopwatch.GetTimestamp();
            var isFirst = true;
            var status = await connection.CallAsync(request, read =>
            {
                if (Look(read.Span) == 0 || !isFirst) return true;
                FirstEvent.AddSince(sent);
                isFirst = false;
                return true;
            });
            if (status != 200) Interlocked.Increment(ref _errors);
        }
    }

    /// <summary>How many events begin in what was read.</summary>
    private int Look(ReadOnlySpan<byte> read)
    {
        var count = 0;
        for (var at = read.IndexOf(SentAt); at >= 0; at = read.IndexOf(SentAt))
        {
            read = read[(at + SentAt.Length)..];
            if (Utf8Parser.TryParse(read, out long sent, out _)) Delay.AddSince(sent);
            if (++count > 1) Interlocked.Increment(ref _joined);
        }
        Interlocked.Add(ref _events, count);
        return count;
    }
}
