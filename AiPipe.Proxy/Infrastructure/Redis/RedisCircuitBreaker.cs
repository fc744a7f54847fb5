namespace AiPipe.Proxy.Infrastructure.Redis;

/// <summary>Keeps everybody from waiting for something that does not answer: after a failure, one at a time tries again.</summary>
internal sealed class RedisCircuitBreaker(TimeProvider clock, TimeSpan pause)
{
    private const long Closed = 0;

    private readonly long _pause = (long)(pause.TotalSeconds * clock.TimestampFrequency);
    // The timestamp of the next attempt.
    private long _next = Closed;

    /// <summary>Whether to ask. Once a pause, somebody is told yes, and should say what came of it.</summary>
    public bool TryAcquire()
    {
        var next = Volatile.Read(ref _next);
        if (next == Closed) return true;
        var now = clock.GetTimestamp();
        return now >= next && Interlocked.CompareExchange(ref _next, now + _pause, next) == next;
    }

    /// <summary>It answered: everybody asks again.</summary>
    /// <returns>True the first time after a failure.</returns>
    public bool Succeeded() => Volatile.Read(ref _next) != Closed && Interlocked.Exchange(ref _next, Closed) != Closed;

    /// <summary>It did not answer: nobody asks for a while.</summary>
    /// <returns>True the first time after a success.</returns>
    public bool Failed() => Interlocked.Exchange(ref _next, clock.GetTimestamp() + _pause) == Closed;
}
