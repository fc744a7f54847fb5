using System.Runtime.CompilerServices;
using AiPipe.Proxy.Metering;

namespace AiPipe.Proxy.Calls.Redaction;

/// <summary>
/// A response without our keys. It is not buffered: only bytes that may be the beginning of a key wait for the bytes that follow.
/// </summary>
internal sealed class RedactedResponse(Stream response, CallRedaction redaction) : ResponseStream(response)
{
    private byte[] _waiting = [];

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // The forwarder reads with an empty buffer to wait for data.
        if (buffer.IsEmpty) return await Answer.ReadAsync(buffer, cancellationToken);
        while (true)
        {
            // A reader with such a small buffer gets what cannot be searched.
            if (buffer.Length <= _waiting.Length) return Take(buffer.Span);
            var read = await Answer.ReadAsync(buffer[_waiting.Length..], cancellationToken);
            if (read == 0) return Take(buffer.Span);
            _waiting.CopyTo(buffer);
            var bytes = buffer[..(_waiting.Length + read)];
            redaction.Hide(bytes.Span);
            var waiting = redaction.BeginningAtEnd(bytes.Span);
            _waiting = waiting == 0 ? [] : bytes[^waiting..].ToArray();
            if (waiting < bytes.Length) return bytes.Length - waiting;
        }
    }

    private int Take(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _waiting.Length);
        _waiting.AsSpan(0, count).CopyTo(buffer);
        _waiting = _waiting[count..];
        return count;
    }
}
