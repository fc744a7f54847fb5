namespace AiPipe.Proxy.Infrastructure.Redis;

/// <summary>Prevents calls from waiting for an unavailable server: after a failure, one caller per pause tries again.</summary>
internal sealed class RedisCircuitBreaker(TimeProvider clock, TimeSpan pause)
{
    private const long Closed = 0;

    private readonly long _pause = (long)(pause.TotalSeconds * clock.TimestampFrequency);
    private long _next = Closed;

    /// <summary>Whether to send a command. When open, one caller per pause gets true and must report the result.</summary>
    public bool TryAcquire()
    {
        var next = Volatile.Read(ref _next);
        if (next == Closed) return true;
        var now = clock.GetTimestamp();
        return now >= next && Interlocked.CompareExchange(ref _next, now + _pause, next) == next;
    }

    /// <returns>True the first time after a failure.</returns>
    public bool Succeeded() => Volatile.Read(ref _next) != Closed && Interlocked.Exchange(ref _next, Closed) != Closed;

    public bool Failed() => Interlocked.Exchange(ref _next, clock.GetTimestamp() + _pause) == Closed;
}
