using System.Collections.Concurrent;
using AiPipe.Proxy.Routing;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Upstream.Routes;

internal sealed class RouteConnections(IOptions<ForwardingOptions> options)
{
    /// <summary>More than most operators need. The least recently used pool makes room; no call waits for one.</summary>
    internal const int MaxPools = 256;

    private readonly ConcurrentDictionary<(RouteConnection Kept, string Authority), Pool> _pools = new();
    private long _takes;

    public Lease Take(RouteConnection kept, Uri address)
    {
        var id = (kept, address.Authority);
        if (!_pools.TryGetValue(id, out var pool))
        {
            if (_pools.Count >= MaxPools) DropOne();
            pool = _pools.GetOrAdd(
                id, static (key, all) => new Pool(
                    new HttpMessageInvoker(new SecretParameters(new UnquotedErrors(HandlerOf(key.Kept, all))))), options.Value);
        }
        pool.TakenAt = Interlocked.Increment(ref _takes);
        return new Lease(pool, Interlocked.Increment(ref pool.InUse) <= kept.PoolSize);
    }

    /// <summary>A call that uses the removed pool keeps it; its idle connections time out.</summary>
    private void DropOne()
    {
        if (_pools.Where(pool => Volatile.Read(ref pool.Value.InUse) == 0)
            .MinBy(pool => pool.Value.TakenAt) is { Value: not null } unused) _pools.TryRemove(unused);
    }

    private static SocketsHttpHandler HandlerOf(RouteConnection kept, ForwardingOptions options)
    {
        var handler = UpstreamClients.Handler(options);
        handler.PooledConnectionIdleTimeout = kept.IdleTimeout;
        if (!kept.IsKept) handler.PooledConnectionLifetime = TimeSpan.Zero;
#pragma warning disable MA0039, CA5359 // The operator asks for it, for one route: ssl_verify = false.
        if (!kept.VerifiesTls) handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore MA0039, CA5359
        return handler;
    }

    internal sealed class Pool(HttpMessageInvoker client)
    {
        public int InUse;
        public long TakenAt { get; set; }

        public HttpMessageInvoker Client { get; } = client;
    }

    /// <param name="mayKeep">True if the connection may be kept alive; the pool size limits only kept connections.</param>
    internal sealed class Lease(Pool pool, bool mayKeep) : IDisposable
    {
        public HttpMessageInvoker Client => pool.Client;
        public bool MayKeep { get; } = mayKeep;

        public void Dispose() => Interlocked.Decrement(ref pool.InUse);
    }
}
