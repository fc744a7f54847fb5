using System.Buffers;
using AiPipe.Proxy.Calls;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Routing;
using AiPipe.Proxy.Upstream.Routes;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Upstream;

/// <summary>Reads the body of a metered call once into a buffer and parses it. Bodies of unmetered calls are streamed.</summary>
internal sealed class CallBodyReader(IOptions<ForwardingOptions> options)
{
    private const int FirstBufferSize = 16 << 10;

    /// <summary>Part of the third stage of the pipeline: sets <see cref="CallContext.Body"/>.</summary>
    public async ValueTask<Refusal?> ReadAsync(CallContext call)
    {
        if (!call.Endpoint.IsMetered) return null;
        if (call.Routed is { Plan.Body: { } read } again) return Read(call, again, read);
        var request = call.Http.Request;
        if (!request.HasJsonContentType()) return Refusal.UnsupportedMediaType("application/json");
        var limit = options.Value.MaxBodyBytes;
        if (request.ContentLength > limit) return Refusal.BodyTooLarge(limit);

        try
        {
            var bytes = await ReadBytesAsync(call.Http, limit);
            if (bytes is null) return Refusal.BodyTooLarge(limit);
            return call.Routed is { } routed ? Read(call, routed, bytes.Value) : Read(call, bytes.Value);
        }
        catch (BadHttpRequestException e)
        {
            return e.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? Refusal.BodyTooLarge(limit)
                : Refusal.InvalidRequest("The body did not arrive as it was announced.");
        }
    }

    private static Refusal? Read(CallContext call, ReadOnlyMemory<byte> bytes)
    {
        var refusal = call.Endpoint.Api!.ReadBody(bytes, call.Endpoint, call.Provider.Name, out var body);
        if (body is not null) call.Body = body;
        return refusal;
    }

    /// <summary>Creates the target's body: rewritten for a route; for an alias, only the model's name changes.</summary>
    private static Refusal? Read(CallContext call, RoutedCall routed, ReadOnlyMemory<byte> asked)
    {
        routed.Plan.Body = asked;
        if (routed.Route.IsAlias)
        {
            var refusal = Read(call, asked);
            call.Body = call.Body with { Model = routed.Target.Model };
            return refusal;
        }
        return RouteBody.Write(asked, routed.Target, call.Provider, out var written) ?? Read(call, written);
    }

    /// <summary>
    /// Reads into one pooled buffer that returns to the pool when the request ends; <c>null</c> if the body exceeds the limit.
    /// </summary>
    private static async ValueTask<ReadOnlyMemory<byte>?> ReadBytesAsync(HttpContext http, long limit)
    {
        var buffer = new PooledBuffer((int)Math.Min(http.Request.ContentLength + 1 ?? FirstBufferSize, limit + 1));
        http.Response.RegisterForDispose(buffer);
        var length = 0;
        while (true)
        {
            var read = await http.Request.Body.ReadAsync(buffer.Memory[length..], http.RequestAborted);
            if (read == 0) return buffer.Memory[..length];
            length += read;
            if (length > limit) return null;
            if (length == buffer.Memory.Length) buffer.Grow(length);
        }
    }

    private sealed class PooledBuffer(int size) : IDisposable
    {
        private byte[]? _array = ArrayPool<byte>.Shared.Rent(size);

        public Memory<byte> Memory => _array;

        public void Grow(int used)
        {
            var larger = ArrayPool<byte>.Shared.Rent(_array!.Length * 2);
            _array.AsSpan(0, used).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_array);
            _array = larger;
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _array, value: null) is { } array) ArrayPool<byte>.Shared.Return(array);
        }
    }
}
