namespace AiPipe.Proxy.Routing;

/// <summary>The attempts of one request to a route, past and future. They run one after the other.</summary>
internal sealed class FallbackPlan(ModelRoute route, IReadOnlyList<RouteTarget> order)
{
    /// <summary>In milliseconds, before the second round of all targets; doubled for each further round.</summary>
    private const int FirstWait = 200;
    private const int LongestWait = 2000;

    private readonly int _most = 1 + (route.Retries ?? Math.Min(order.Count - 1, TargetChoiceSettings.MostRetries));
    private readonly List<RouteTarget> _left = [.. order];

    public ModelRoute Route => route;

    public int AttemptCount { get; private set; }

    public bool HasMoreAttempts => AttemptCount < _most;

    /// <summary>The body as received; rewritten for every target.</summary>
    public ReadOnlyMemory<byte>? Body { get; set; }

    public TimeSpan Backoff =>
        _left.Count > 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Min(FirstWait << (AttemptCount / order.Count - 1), LongestWait));

    /// <summary>The next target: the first whose circuit breaker admits a call; if all are open, the first in order.</summary>
    public RouteTarget Next(DateTimeOffset now)
    {
        AttemptCount++;
        if (_left.Count == 0) _left.AddRange(order);
        var next = _left.Find(target => target.Breaker.TryAcquire(now)) ?? _left[0];
        _left.Remove(next);
        return next;
    }
}
