using System.Buffers;
using System.Runtime.CompilerServices;

namespace AiPipe.Proxy.Metering;

/// <summary>Buffers a short response until the call is settled, so that its headers can report the cost; streams all others.</summary>
/// <param name="begin">Called before the first byte is sent, when headers can still be set.</param>
internal sealed class BufferedResponse(MeteringStream answer, Func<bool> mustGoOn, Action begin) : ResponseStream(answer)
{
    public const int MostBytes = 256 << 10;

    /// <summary>How long a response is buffered after its first byte; a client may time out without data.</summary>
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
        // The forwarder reads with an empty buffer to wait for data.
        if (_hasBegun || buffer.IsEmpty) return read;
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
        // Before the buffer returns to the pool: no read may use it afterwards.
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
