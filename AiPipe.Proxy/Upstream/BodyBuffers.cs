using System.Buffers;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Metering;
using AiPipe.Proxy.RateLimits;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Upstream;

/// <summary>Reads request bodies into memory, within the bounds of <see cref="BodyMemory"/>.</summary>
internal sealed class BodyBuffers(BodyMemory memory, IOptions<ForwardingOptions> options)
{
    private const int FirstSize = 16 << 10;

    /// <summary>A longer body that is only announced does not take memory yet.</summary>
    private const int MaxFirstSize = 256 << 10;

    /// <summary>
    /// Reads a body; its memory is free when the request ends.
    /// </summary>
    /// <param name="weight">How often the text of the body is in memory while the request runs.</param>
    public async ValueTask<(ReadOnlyMemory<byte> Bytes, Refusal? Refusal)> ReadAsync(HttpContext http, Caller caller, int weight = 1)
    {
        var (announced, limit) = (http.Request.ContentLength, options.Value.MaxBodyBytes);
        var codings = ContentCoding.Read(http.Request.Headers.ContentEncoding);
        if (ContentCoding.FindUnknown(codings) is { } unknown) return (default, Refusal.UnsupportedEncoding(unknown, ContentCoding.Known));
        if (announced > limit) return (default, Refusal.BodyTooLarge(limit));
        var source = http.Request.Body;
        if (codings.Length > 0)
        {
            // The limit applies to what is decoded, whose length is unknown.
            source = ContentCoding.Decode(source, codings);
            http.Response.RegisterForDispose(source);
            announced = null;
        }
        // One byte more, so that the end of a body that is as long as announced is seen without growing.
        var most = (int)Math.Min(announced + 1 ?? limit + 1, limit + 1);
        var buffer = new Buffer(memory, caller is Caller.User user ? user.Email : PerMinuteLimit.AddressOf(http), weight);
        http.Response.RegisterForDispose(buffer);
        try
        {
            var length = 0;
            while (true)
            {
                if (length == buffer.Memory.Length)
                {
                    if (length == most) return (default, Refusal.BodyTooLarge(limit));
                    var size = length > 0 ? (int)Math.Min(2L * length, most) : Math.Min(announced is null ? FirstSize : MaxFirstSize, most);
                    if (buffer.Grow(size, length) is { } refusal) return (default, refusal);
                }
                var read = await source.ReadAsync(buffer.Memory[length..], http.RequestAborted);
                if (read == 0) return (WithoutMark(buffer.Memory[..length]), null);
                length += read;
                if (length > limit) return (default, Refusal.BodyTooLarge(limit));
            }
        }
        catch (BadHttpRequestException e)
        {
            return (default, e.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? Refusal.BodyTooLarge(limit)
                : Refusal.InvalidRequest("The body is incomplete or malformed."));
        }
        catch (Exception e) when (codings.Length > 0 && ContentCoding.IsMalformed(e))
        {
            return (default, Refusal.InvalidRequest($"The body is not valid {string.Join(", ", codings)}, as Content-Encoding says."));
        }
    }

    /// <summary>Some clients send a byte order mark, which JSON readers reject (https://www.rfc-editor.org/rfc/rfc8259#section-8.1).</summary>
    private static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> body) =>
        body.Span.StartsWith("\uFEFF"u8) ? body["\uFEFF"u8.Length..] : body;

    private sealed class Buffer(BodyMemory memory, string caller, int weight) : IDisposable
    {
        /// <summary>The pool keeps what is returned to it, so larger arrays do not come from it.</summary>
        private const int MaxPooled = 256 << 10;

        private byte[] _array = [];
        private long _taken;
        private bool _isDisposed;

        public Memory<byte> Memory { get; private set; }

        public Refusal? Grow(int size, int used)
        {
            var more = (long)size * weight - _taken;
            if (memory.Take(caller, more) is { } refusal) return refusal;
            _taken += more;
            var larger = size <= MaxPooled ? ArrayPool<byte>.Shared.Rent(size) : GC.AllocateUninitializedArray<byte>(size);
            _array.AsSpan(0, used).CopyTo(larger);
            Release();
            (_array, Memory) = (larger, larger.AsMemory(0, size));
            return null;
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isDisposed, true)) return;
            Release();
            (_array, Memory) = ([], default);
            memory.Return(caller, _taken);
        }

        private void Release()
        {
            if (_array.Length is > 0 and <= MaxPooled) ArrayPool<byte>.Shared.Return(_array);
            else memory.Released((long)_array.Length * weight);
        }
    }
}
