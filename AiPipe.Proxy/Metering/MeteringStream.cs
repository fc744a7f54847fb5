using System.Runtime.CompilerServices;

namespace AiPipe.Proxy.Metering;

/// <param name="IsSpent">True if the counted output costs the whole reservation; called once per read that ended an event.</param>
/// <param name="Settle">Settles the call, once; the argument is true if the response is complete. The response ends with its
/// exception.</param>
/// <param name="Ending">Returns the bytes after the last event, once the call is settled; the argument is true if the stream was stopped
/// early and needs a valid ending (<c>StreamEnding</c>).</param>
internal sealed record MeteringHooks(
    Action FirstByte, Func<bool> IsSpent, Func<bool, ValueTask> Settle, Func<bool, ReadOnlyMemory<byte>> Ending);

/// <summary>
/// The provider's response as the forwarder reads it. The call is settled before the last byte is passed on; a stream that has used its
/// reservation is stopped between two events. If the provider fails, the pipeline settles in its <c>finally</c>.
/// </summary>
/// <param name="length">The announced Content-Length; <c>null</c> = none.</param>
internal sealed class MeteringStream(Stream upstream, IUsageReader reader, long? length, MeteringHooks hooks) : ResponseStream(upstream)
{
    private ReadOnlyMemory<byte>? _ending;
    private long _passed;
    private long _metered;
    private bool _isBetweenEvents;
    private bool _stopped;

    /// <summary>True if later bytes cannot change the cost.</summary>
    public bool IsSettled { get; private set; }

    /// <summary>True if an ended response is complete. Without an end event, a report and a finish reason suffice.</summary>
    private bool IsWhole => length is { } expected
        ? _passed == expected
        : reader.SawEnd || (reader.Usage is not null && reader.Facts.FinishReason is not null);

    // Pooled: a read that waits for the next event allocates nothing.
    /// <summary>The forwarder disposes what the caller reads; the rest may still be read without the caller.</summary>
    protected override bool LeavesOpen => true;

    public void DisposeResponse() => Answer.Dispose();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_stopped) return TakeEnding(buffer.Span);

        var read = await Answer.ReadAsync(buffer, cancellationToken);
        // The forwarder reads with an empty buffer to wait for data; zero bytes do not mean the end then.
        if (buffer.IsEmpty) return read;
        if (read == 0)
        {
            await SettleOnce(complete: IsWhole);
            return _isBetweenEvents ? TakeEnding(buffer.Span) : 0;
        }

        if (_passed == 0) hooks.FirstByte();
        _passed += read;
        reader.Read(buffer.Span[..read]);
        if (IsSettled && reader.Output.Bytes > _metered)
        {
            // Output after the end of a stream cannot be charged any more, so it is not passed on.
            (_stopped, _ending) = (true, ReadOnlyMemory<byte>.Empty);
            return 0;
        }
        var end = reader.LastEventEnd;
        _isBetweenEvents = end == read;
        if (reader.SawEnd || _passed == length)
        {
            await SettleOnce(complete: true);
            return _isBetweenEvents ? read + TakeEndingWhole(buffer.Span[read..]) : read;
        }
        // The provider has already computed a response of known length: stopping it saves nothing and breaks its Content-Length.
        if (end <= 0 || length is not null || !hooks.IsSpent()) return read;

        _stopped = true;
        await SettleOnce(complete: false);
        return end;
    }

    private ValueTask SettleOnce(bool complete)
    {
        if (IsSettled) return ValueTask.CompletedTask;
        (IsSettled, _metered) = (true, reader.Output.Bytes);
        return hooks.Settle(complete);
    }

    private int TakeEnding(Span<byte> buffer)
    {
        var ending = _ending ??= hooks.Ending(_stopped);
        var count = Math.Min(buffer.Length, ending.Length);
        ending.Span[..count].CopyTo(buffer);
        _ending = ending[count..];
        return count;
    }

    private int TakeEndingWhole(Span<byte> buffer) => (_ending ??= hooks.Ending(_stopped)).Length <= buffer.Length ? TakeEnding(buffer) : 0;
}
