using System.Buffers;
using System.Runtime.CompilerServices;

namespace AiPipe.Proxy.Metering;

/// <summary>
/// Keeps a short answer back until it is settled, so that its headers can say what it cost: nobody can use half a JSON document anyway.
/// One that is longer or slower than expected goes on as it comes.
/// </summary>
/// <param name="answer">The answer as it is metered; disposed with this.</param>
/// <param name="mustGoOn">Asked after each read: it must not be held any longer.</param>
/// <param name="begin">Told before the first byte is handed on: the headers are about to leave.</param>
internal sealed class BufferedResponse(MeteringStream answer, Func<bool> mustGoOn, Action begin) : ResponseStream(answer)
{
    /// <summary>The most that is held of one answer.</summary>
    public const int MostBytes = 256 << 10;

    /// <summary>How long what has begun to arrive is held: by then, somebody may be waiting for a sign of life.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private const int FirstBufferSize = 32 << 10;

    private byte[]? _held;
    private int _start;
    private int _end;
    private bool _hasBegun;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_start < _end) return Take(buffer.Span);
        var read = await answer.ReadAsync(buffer, cancellationToken);
        // The forwarder waits for data with an empty buffer before it rents one.
        if (_hasBegun || buffer.IsEmpty) return read;
        // Most answers come in one piece, and stay in the forwarder's own buffer.
        if (!IsOver(read))
        {
            await HoldAsync(buffer[..read], cancellationToken);
            read = Take(buffer.Span);
        }
        _hasBegun = true;
        begin();
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        // First: nobody may read into what is given back.
        base.Dispose(disposing);
        if (disposing && Interlocked.Exchange(ref _held, value: null) is { } held) ArrayPool<byte>.Shared.Return(held);
    }

    private bool IsOver(int read) => read == 0 || answer.IsSettled || mustGoOn();

    private async ValueTask HoldAsync(ReadOnlyMemory<byte> first, CancellationToken cancellationToken)
    {
        var held = _held = ArrayPool<byte>.Shared.Rent(Math.Max(FirstBufferSize, 2 * first.Length));
        first.CopyTo(held);
        _end = first.Length;
        for (var read = -1; _end < MostBytes && (read < 0 || !IsOver(read)); _end += read)
        {
            if (_end == held.Length) held = _held = Larger(held);
            read = await answer.ReadAsync(held.AsMemory(_end), cancellationToken);
        }
    }

    private static byte[] Larger(byte[] held)
    {
        var larger = ArrayPool<byte>.Shared.Rent(2 * held.Length);
        held.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(held);
        return larger;
    }

    private int Take(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _end - _start);
        _held.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        return count;
    }
}
