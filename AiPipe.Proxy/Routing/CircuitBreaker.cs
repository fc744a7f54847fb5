namespace AiPipe.Proxy.Routing;

/// <summary>
/// How a target has fared in this process. Troubles in a row take it out for a while, each further one for twice as long; then one call
/// tries it, and the others wait for what comes of that.
/// </summary>
internal sealed class CircuitBreaker
{
    /// <summary>So many troubles in a row, since single ones happen to everybody.</summary>
    public const int FailuresToOpen = 3;
    public static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);
    /// <summary>No pause is longer, whatever a target asks for.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private int _troubles;
    private DateTimeOffset? _outUntil;
    private bool _isTried;
    private (TargetOutcome Outcome, DateTimeOffset At)? _last;

    /// <summary>Whether to ask it. Once a pause, somebody is told yes, and says what came of it.</summary>
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

    /// <summary>Whoever was told yes did not ask after all (no token, no budget, a body that is none): the next one may.</summary>
    public void Release(DateTimeOffset now)
    {
        lock (_lock)
        {
            if (_isTried) (_isTried, _outUntil) = (false, now);
        }
    }

    /// <summary>Somebody asked it.</summary>
    /// <returns>True when that takes it out, which it was not before.</returns>
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
            return new TargetState(_outUntil is not { } until ? "ok" : now < until ? "open" : "half_open", _outUntil, _troubles, _last?.Outcome, _last?.At);
        }
    }

    private TimeSpan Pause()
    {
        var doubled = Math.Min(_troubles - FailuresToOpen, 10);
        var pause = FirstPause * (1 << doubled);
        return pause < LongestPause ? pause : LongestPause;
    }
}

/// <summary>What one process has seen of a target.</summary>
/// <param name="Status"><c>ok</c>, <c>open</c>, or <c>half_open</c>: the next call tries it.</param>
/// <param name="OpenUntil">When it is tried again.</param>
/// <param name="ConsecutiveFailures">In a row.</param>
/// <param name="Last">What came of the last call; <c>null</c> = there was none.</param>
/// <param name="LastAt">When that was.</param>
internal readonly record struct TargetState(string Status, DateTimeOffset? OpenUntil, int ConsecutiveFailures, TargetOutcome? Last, DateTimeOffset? LastAt);
