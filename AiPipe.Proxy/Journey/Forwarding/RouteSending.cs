using AiPipe.Proxy.Journey.Backends.Routes;

namespace AiPipe.Proxy.Journey.Forwarding;

/// <summary>One attempt to reach a route's target: its connection, and how long it has to begin its answer. Once it has begun, it is not hurried.</summary>
internal sealed class RouteSending : IDisposable
{
    private readonly RouteConnections.Lease _lease;
    private readonly CancellationTokenSource _over;
    private readonly CancellationToken _caller;

    private RouteSending(RouteConnections.Lease lease, CancellationTokenSource over, CancellationToken caller) => (_lease, _over, _caller) = (lease, over, caller);

    public HttpMessageInvoker Client => _lease.Client;

    /// <summary>The connection may be used again afterwards.</summary>
    public bool MayKeep => _lease.MayKeep;

    /// <summary>Ended when the time is over, and when the caller leaves.</summary>
    public CancellationToken Token => _over.Token;

    public bool IsOver => _over.IsCancellationRequested && !_caller.IsCancellationRequested;

    public static RouteSending Begin(RouteConnections connections, RouteTarget target, Uri address, CancellationToken caller)
    {
        var over = CancellationTokenSource.CreateLinkedTokenSource(caller);
        over.CancelAfter(target.Timeout);
        return new RouteSending(connections.Take(target, address), over, caller);
    }

    /// <summary>The answer has begun.</summary>
    public void Answered() => _over.CancelAfter(Timeout.InfiniteTimeSpan);

    public void Dispose()
    {
        _over.Dispose();
        _lease.Dispose();
    }
}
