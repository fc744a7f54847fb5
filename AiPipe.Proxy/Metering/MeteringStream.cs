using System.Runtime.CompilerServices;

namespace AiPipe.Proxy.Metering;

/// <summary>What the journey does at the turning points of an answer.</summary>
/// <param name="FirstByte">The answer has begun.</param>
/// <param name="IsSpent">What was counted so far costs all that is held; asked once per read that ended an event.</param>
/// <param name="Settle">Settles the call, once; true = the answer is complete. What it throws, the answer ends with.</param>
/// <param name="Ending">
/// What follows the last event, once the call is settled; true = the stream is stopped, so that it has to end in words that its reader
/// understands (<c>StreamEnding</c>).
/// </param>
internal sealed record MeteringHooks(
    Action FirstByte, Func<bool> IsSpent, Func<bool, ValueTask> Settle, Func<bool, ReadOnlyMemory<byte>> Ending);

/// <summary>
/// The provider's answer as the forwarder reads it. The bytes pass as they are and are never kept; the call is settled before
/// the last of them is handed on, and a stream that has used up what is held for it is ended between two events.
/// A failing provider fails the read; the journey then settles in its <c>finally</c>.
/// </summary>
/// <param name="upstream">The provider's answer, decompressed; disposed with this.</param>
/// <param name="reader">Looks at the bytes as they pass.</param>
/// <param name="length">The length that the provider announced; <c>null</c> = none.</param>
/// <param name="hooks">What to do when.</param>
internal sealed class MeteringStream(Stream upstream, IUsageReader reader, long? length, MeteringHooks hooks) : ResponseStream(upstream)
{
    private ReadOnlyMemory<byte>? _ending;
    private long _passed;
    private bool _isBetweenEvents;
    private bool _stopped;

    /// <summary>The call is settled: nothing that still comes changes its cost.</summary>
    public bool IsSettled { get; private set; }

    /// <summary>Nothing is missing of an answer that has ended. Not every provider sends a closing word; a report and a reason will do.</summary>
    private bool IsWhole => length is { } expected
        ? _passed == expected
        : reader.SawEnd || (reader.Usage is not null && reader.Facts.FinishReason is not null);

    // Pooled: a read that waits for the next event allocates nothing.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_stopped) return TakeEnding(buffer.Span);

        var read = await Answer.ReadAsync(buffer, cancellationToken);
        // The forwarder waits for data with an empty buffer before it rents one: that says nothing about the answer's end.
        if (buffer.IsEmpty) return read;
        if (read == 0)
        {
            await SettleOnce(complete: IsWhole);
            return _isBetweenEvents ? TakeEnding(buffer.Span) : 0;
        }

        if (_passed == 0) hooks.FirstByte();
        _passed += read;
        reader.Read(buffer.Span[..read]);
        var end = reader.LastEventEnd;
        _isBetweenEvents = end == read;
        if (reader.SawEnd || _passed == length)
        {
            await SettleOnce(complete: true);
            return _isBetweenEvents ? read + TakeEndingWhole(buffer.Span[read..]) : read;
        }
        // An answer of known length has been made already: stopping it would save nothing and break its Content-Length.
        if (end <= 0 || length is not null || !hooks.IsSpent()) return read;

        _stopped = true;
        await SettleOnce(complete: false);
        return end;
    }

    private ValueTask SettleOnce(bool complete)
    {
        if (IsSettled) return ValueTask.CompletedTask;
        IsSettled = true;
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

    /// <summary>With the last event, which saves a write of its own; later, if there is no room for all of it.</summary>
    private int TakeEndingWhole(Span<byte> buffer) => (_ending ??= hooks.Ending(_stopped)).Length <= buffer.Length ? TakeEnding(buffer) : 0;
}
