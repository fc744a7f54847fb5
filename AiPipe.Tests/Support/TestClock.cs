namespace AiPipe.Tests.Support;

/// <summary>
/// The real time of day until a test stops it; from then on only the test moves it, however long the machine takes. Timestamps and
/// timers are real ones, so that who waits goes on waiting: a <see cref="StillClock"/> has none.
/// </summary>
internal sealed class TestClock : TimeProvider
{
    private long? _still;
    private readonly Lock _gate = new();

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate) return _still is { } ticks ? new(ticks, TimeSpan.Zero) : base.GetUtcNow();
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
}
