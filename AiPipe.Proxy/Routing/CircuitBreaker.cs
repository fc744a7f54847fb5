namespace AiPipe.Proxy.Routing;

/// <summary>
/// The circuit breaker of a target in this process. Consecutive failures open it, each further one for twice as long. Then it is half-open:
/// one call tries the target, the others wait for its outcome.
/// </summary>
internal sealed class CircuitBreaker
{
    /// <summary>Single failures are common and do not open the breaker.</summary>
    public const int FailuresToOpen = 3;
    public static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);
    /// <summary>Also bounds the target's Retry-After.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private int _troubles;
    private DateTimeOffset? _outUntil;
    private bool _isTried;
    private (TargetOutcome Outcome, DateTimeOffset At)? _last;

    /// <summary>True if a call may try the target. When half-open, returns true to one call, which must report the outcome.</summary>
    public bool TryAcquire(DateTimeOffset now)
    {
        lock (_lock)
        {
            if (_outUntil is not { } until) return true;
            if (now < until) return false;
            _isTried = _troubles >= FailuresToOpen;
            _outUntil = _isTried ? now + Pause() : null;
            return true;
        }
    }

    /// <summary>Returns the permission of a call that was not sent (no token, no budget, an invalid body).</summary>
    public void Release(DateTimeOffset now)
    {
        lock (_lock)
        {
            if (_isTried) (_isTried, _outUntil) = (false, now);
        }
    }

    /// <returns>True if the outcome opens the breaker.</returns>
    public bool Record(TargetOutcome outcome, DateTimeOffset now)
    {
        lock (_lock)
        {
            (_last, _isTried) = ((outcome, now), false);
            var wasOut = _outUntil is not null;
            if (!outcome.IsTrouble)
            {
                (_troubles, _outUntil) = (0, null);
                return false;
            }
            if (_troubles < int.MaxValue) _troubles++;
            if (_troubles >= FailuresToOpen) _outUntil = now + Pause();
            if (outcome is TargetOutcome.Answered { RetryAfter: { } wait } && wait > TimeSpan.Zero)
            {
                var asked = now + (wait < LongestPause ? wait : LongestPause);
                if (!(_outUntil > asked)) _outUntil = asked;
            }
            return !wasOut && _outUntil is not null;
        }
    }

    public TargetState At(DateTimeOffset now)
    {
        lock (_lock)
        {
            return new TargetState(
                _outUntil is not { } until ? "ok" : now < until ? "open" : "half_open", _outUntil, _troubles, _last?.Outcome, _last?.At);
        }
    }

    private TimeSpan Pause()
    {
        var doubled = Math.Min(_troubles - FailuresToOpen, 10);
        var pause = FirstPause * (1 << doubled);
        return pause < LongestPause ? pause : LongestPause;
    }
}

/// <param name="Status"><c>ok</c>, <c>open</c>, or <c>half_open</c>: the next call tries the target.</param>
internal readonly record struct TargetState(
    string Status, DateTimeOffset? OpenUntil, int ConsecutiveFailures, TargetOutcome? Last, DateTimeOffset? LastAt);
