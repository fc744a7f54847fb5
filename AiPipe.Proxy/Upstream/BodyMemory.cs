using AiPipe.Proxy.Errors;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Upstream;

/// <summary>Bounds the memory of buffered request bodies, per caller and in all, and gives it back to the system.</summary>
internal sealed class BodyMemory(IOptions<ForwardingOptions> options)
{
    /// <summary>Released bytes after which a collection is worth its pause.</summary>
    private const long WorthCollecting = 64 << 20;

    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CollectAfter = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _callers = new(StringComparer.Ordinal);
    private long _total;
    private long _released;

    /// <summary>Bytes of bodies that are buffered now.</summary>
    public long Total => Volatile.Read(ref _total);

    /// <summary>Takes memory for a caller, or returns the refusal.</summary>
    public Refusal? Take(string caller, long bytes)
    {
        var (mostInAll, mostPerCaller) = (options.Value.MaxBufferedBytes, options.Value.MaxBufferedBytesPerCaller);
        lock (_lock)
        {
            var callers = _callers.GetValueOrDefault(caller) + bytes;
            if (callers > mostPerCaller) return Refusal.ServerBusy(
                $"The bodies of your running requests fill the {mostPerCaller >> 20} MiB that one caller may use. "
                    + "Try again when one has ended.",
                Retry);
            if (_total + bytes > mostInAll) return Refusal.ServerBusy(
                "The gateway's memory for request bodies is full. Try again in a few seconds.", Retry);
            _total += bytes;
            _callers[caller] = callers;
            return null;
        }
    }

    public void Return(string caller, long bytes)
    {
        lock (_lock)
        {
            _total -= bytes;
            var callers = _callers.GetValueOrDefault(caller) - bytes;
            if (callers > 0) _callers[caller] = callers;
            else _callers.Remove(caller);
        }
    }

    /// <summary>Notes that an array is no longer used. Large arrays are freed by a full collection only, which may be hours away.</summary>
    public void Released(long bytes)
    {
        var released = Interlocked.Add(ref _released, bytes);
        if (released >= WorthCollecting && released - bytes < WorthCollecting) _ = CollectAsync();
    }

    private async Task CollectAsync()
    {
        // The memory of the process does not depend on the clock of the gateway.
        await Task.Delay(CollectAfter, TimeProvider.System);
        Interlocked.Exchange(ref _released, 0);
        // A pause of all calls is worth it only after a burst has ended.
        if (Total == 0) GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        else GC.Collect(GC.MaxGeneration, GCCollectionMode.Optimized, blocking: false);
    }
}
