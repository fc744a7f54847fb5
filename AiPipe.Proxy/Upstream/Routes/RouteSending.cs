using AiPipe.Proxy.Calls;
using AiPipe.Proxy.Calls.Telemetry;
using AiPipe.Proxy.Routing;

namespace AiPipe.Proxy.Upstream.Routes;

/// <summary>One attempt at a route's target: its connection, the timeout until its response starts, and the outcome.</summary>
internal sealed class RouteSending : IDisposable
{
    private readonly CallContext _call;
    private readonly RoutedCall _routed;
    private readonly RouteConnections.Lease? _lease;
    private readonly CancellationTokenSource _deadline;
    private readonly CancellationTokenSource _over;
    private readonly TimeProvider _clock;
    private bool _isKnown;

    private RouteSending(CallContext call, RoutedCall routed, RouteConnections.Lease? lease, TimeProvider clock)
    {
        (_call, _routed, _lease, _clock) = (call, routed, lease, clock);
        _deadline = new CancellationTokenSource(routed.Target.Timeout, clock);
        _over = CancellationTokenSource.CreateLinkedTokenSource(_deadline.Token, call.Http.RequestAborted);
    }

    /// <summary><c>null</c> = the shared connections.</summary>
    public HttpMessageInvoker? Client => _lease?.Client;

    public bool MayKeep => _lease is not { MayKeep: false };

    public CancellationToken Token => _over.Token;

    public bool IsOver => _deadline.IsCancellationRequested && !_call.Http.RequestAborted.IsCancellationRequested;

    /// <summary>Starts an attempt; <c>null</c> for a call without a route.</summary>
    public static RouteSending? Begin(CallContext call, RouteConnections connections, TimeProvider clock)
    {
        if (call.Routed is not { } routed) return null;
        var lease = routed.Target.Connection is { } kept && !call.Provider.IsBuiltIn ? connections.Take(kept, call.Provider.BaseUrl) : null;
        return new RouteSending(call, routed, lease, clock);
    }

    public void HasBegun() => _deadline.CancelAfter(Timeout.InfiniteTimeSpan);

    /// <returns>True if the response is withheld, because another target follows.</returns>
    public bool Answered(int status, TimeSpan? retryAfter) => Note(new TargetOutcome.Answered(status, retryAfter));

    /// <summary>Records that the response did not start. A response, or a disconnect of the caller, is not a failure.</summary>
    public void Failed()
    {
        if (!_isKnown && !_call.Http.RequestAborted.IsCancellationRequested) Note(
            IsOver ? new TargetOutcome.TimedOut() : new TargetOutcome.Unreachable());
    }

    public void Dispose()
    {
        _over.Dispose();
        _deadline.Dispose();
        _lease?.Dispose();
    }

    private bool Note(TargetOutcome outcome)
    {
        _isKnown = true;
        _call.Outcome = outcome;
        var isOut = _routed.Target.Breaker.Record(outcome, _clock.GetUtcNow());
        TargetTelemetry.Attempted(_call, outcome, isOut);
        return _routed.IsWithheld(outcome);
    }
}
