using AiPipe.Proxy.Calls;
using AiPipe.Proxy.Calls.Telemetry;
using AiPipe.Proxy.Routing;

namespace AiPipe.Proxy.Upstream.Routes;

/// <summary>
/// One try to reach a route's target: its connection, how long it has to begin its answer, and what came of it. Once it has begun, it is
/// not hurried.
/// </summary>
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

    /// <summary><c>null</c> = the connections of all other calls.</summary>
    public HttpMessageInvoker? Client => _lease?.Client;

    /// <summary>The connection may be used again afterwards.</summary>
    public bool MayKeep => _lease is not { MayKeep: false };

    /// <summary>Ended when the time is over, and when the caller leaves.</summary>
    public CancellationToken Token => _over.Token;

    public bool IsOver => _deadline.IsCancellationRequested && !_call.Http.RequestAborted.IsCancellationRequested;

    /// <summary>Begins it; <c>null</c> for a call that is no route's.</summary>
    public static RouteSending? Begin(CallContext call, RouteConnections connections, TimeProvider clock)
    {
        if (call.Routed is not { } routed) return null;
        var lease = routed.Target.Connection is { } kept && !call.Provider.IsBuiltIn ? connections.Take(kept, call.Provider.BaseUrl) : null;
        return new RouteSending(call, routed, lease, clock);
    }

    /// <summary>The status line has arrived.</summary>
    public void HasBegun() => _deadline.CancelAfter(Timeout.InfiniteTimeSpan);

    /// <summary>What it says is the target's answer.</summary>
    /// <returns>True when the caller gets nothing of it, since another target is asked.</returns>
    public bool Answered(HttpResponseMessage answer) => Note(new TargetOutcome.Answered((int)answer.StatusCode, answer.Headers.RetryAfter is { } after ? after.Delta ?? after.Date - _clock.GetUtcNow() : null));

    /// <summary>It did not begin to answer. Who has answered, or was left by the caller, has not failed.</summary>
    public void Failed()
    {
        if (!_isKnown && !_call.Http.RequestAborted.IsCancellationRequested) Note(IsOver ? new TargetOutcome.TimedOut() : new TargetOutcome.Unreachable());
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
        var isOut = _routed.Target.Health.Record(outcome, _clock.GetUtcNow());
        TargetTelemetry.Attempted(_call, outcome, isOut);
        return _routed.IsWithheld(outcome);
    }
}
