namespace AiPipe.Proxy.Routing;

/// <summary>What one request to a route has before it, and what it has been through: one attempt after the other, never two at once.</summary>
/// <param name="route">The route.</param>
/// <param name="order">Its targets, as they are to be asked.</param>
internal sealed class FallbackPlan(ModelRoute route, IReadOnlyList<RouteTarget> order)
{
    /// <summary>In milliseconds, before the targets are asked a second time; doubled for each further round.</summary>
    private const int FirstWait = 200;
    private const int LongestWait = 2000;

    private readonly int _most = 1 + (route.Retries ?? Math.Min(order.Count - 1, TargetChoiceSettings.MostRetries));
    private readonly List<RouteTarget> _left = [.. order];

    public ModelRoute Route => route;

    /// <summary>Attempts that have begun.</summary>
    public int AttemptCount { get; private set; }

    /// <summary>There may be another attempt.</summary>
    public bool HasMoreAttempts => AttemptCount < _most;

    /// <summary>The request's body as it came: read once, written anew for every target.</summary>
    public ReadOnlyMemory<byte>? Body { get; set; }

    /// <summary>How long to wait before the next attempt, when it asks somebody again who has just been in trouble.</summary>
    public TimeSpan Backoff => _left.Count > 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Min(FirstWait << (AttemptCount / order.Count - 1), LongestWait));

    /// <summary>The next target: the first that is well; where none is, they are asked nevertheless, in their order.</summary>
    public RouteTarget Next(DateTimeOffset now)
    {
        AttemptCount++;
        if (_left.Count == 0) _left.AddRange(order);
        var next = _left.Find(target => target.Health.TryAcquire(now)) ?? _left[0];
        _left.Remove(next);
        return next;
    }
}
