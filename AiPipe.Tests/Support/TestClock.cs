namespace AiPipe.Tests.Support;

/// <summary>
/// Starts at noon (UTC) of the day on which the run starts, so that no test crosses midnight, and advances with real time until a test
/// stops it; from then on only the test moves it. Timestamps and timers are real, except timers of <see cref="RungByHand"/>.
/// <see cref="StillClock"/> also stops the timestamps.
/// </summary>
internal sealed class TestClock : TimeProvider
{
    /// <summary>
    /// How long gateways of the tests wait for Redis: on a busy machine it may answer late, and that is no outage. Where a test takes Redis
    /// away, nobody waits (<see cref="IsRedisAway"/>). No other timer has this length.
    /// </summary>
    public static readonly TimeSpan CounterTimeout = TimeSpan.FromMilliseconds(9_999);

    private static readonly TimeSpan UntilNoon = TimeSpan.FromHours(12) - System.GetUtcNow().TimeOfDay;

    private long? _still;
    private readonly List<HandTimer> _timers = [];
    private readonly List<ITimer> _periodic = [];
    private readonly HashSet<PatienceTimer> _patience = [];
    private bool _isRedisAway;
    private readonly Lock _gate = new();

    /// <summary>The time of every clock that no test has stopped.</summary>
    public static DateTimeOffset UtcNow => System.GetUtcNow() + UntilNoon;

    /// <summary>The day of <see cref="UtcNow"/>, the same during the whole run.</summary>
    public static DateOnly UtcToday => DateOnly.FromDateTime(UtcNow.UtcDateTime);

    /// <summary>Timers of this length ring when the test says so (<see cref="Ring"/>), and by themselves never.</summary>
    public TimeSpan? RungByHand { get; init; }

    /// <summary>Redis does not answer: timers of <see cref="CounterTimeout"/> ring at once.</summary>
    public bool IsRedisAway
    {
        set
        {
            lock (_gate)
            {
                _isRedisAway = value;
                if (!value) return;
                foreach (var timer in _patience) timer.RingNow();
            }
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate) return _still is { } ticks ? new(ticks, TimeSpan.Zero) : UtcNow;
    }

    /// <summary>It stands still at this time.</summary>
    public void MoveTo(DateTimeOffset time)
    {
        lock (_gate) _still = time.UtcTicks;
    }

    /// <summary>It stands still this much later than it was.</summary>
    public void Move(TimeSpan by)
    {
        lock (_gate) _still = (GetUtcNow() + by).UtcTicks;
    }

    /// <summary>The time of every timer that is rung by hand is over now.</summary>
    /// <returns>How many have rung.</returns>
    public int Ring()
    {
        List<HandTimer> due;
        lock (_gate)
        {
            due = _timers.FindAll(static timer => timer.IsSet);
            due.ForEach(static timer => timer.IsSet = false);
        }
        due.ForEach(static timer => timer.Ring());
        return due.Count;
    }

    /// <summary>
    /// Stops the timers that ring again and again. The client of service discovery never stops its own, and would keep its whole host in
    /// memory until the run ends.
    /// </summary>
    public void StopTimers()
    {
        lock (_gate)
        {
            _periodic.ForEach(static timer => timer.Dispose());
            _periodic.Clear();
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime == CounterTimeout) return new PatienceTimer(this, callback, state);
        if (dueTime != RungByHand)
        {
            var real = base.CreateTimer(callback, state, dueTime, period);
            if (period != Timeout.InfiniteTimeSpan)
            {
                lock (_gate) _periodic.Add(real);
            }
            return real;
        }
        var timer = new HandTimer(this, callback, state) { IsSet = true };
        lock (_gate) _timers.Add(timer);
        return timer;
    }

    private sealed class PatienceTimer : ITimer
    {
        private readonly TestClock _clock;
        private readonly ITimer _timer;

        public PatienceTimer(TestClock clock, TimerCallback callback, object? state)
        {
            _clock = clock;
            _timer = System.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            lock (clock._gate)
            {
                clock._patience.Add(this);
                _timer.Change(clock._isRedisAway ? TimeSpan.Zero : CounterTimeout, Timeout.InfiniteTimeSpan);
            }
        }

        public void RingNow() => _timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);

        public bool Change(TimeSpan dueTime, TimeSpan period) => _timer.Change(dueTime, period);

        public void Dispose()
        {
            lock (_clock._gate) _clock._patience.Remove(this);
            _timer.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class HandTimer(TestClock clock, TimerCallback callback, object? state) : ITimer
    {
        public bool IsSet { get; set; }

        public void Ring() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate) IsSet = dueTime == clock.RungByHand;
            return true;
        }

        public void Dispose()
        {
            lock (clock._gate) clock._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
