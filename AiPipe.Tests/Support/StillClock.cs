namespace AiPipe.Tests.Support;

/// <summary>A clock that stands still until a test moves it; its timestamps are milliseconds.</summary>
internal sealed class StillClock : TimeProvider
{
    private static readonly DateTimeOffset Start = new(2026, 11, 21, 9, 0, 0, TimeSpan.Zero);

    public long Milliseconds { get; set; } = 1_000_000;

    public override long TimestampFrequency => 1000;
    public override long GetTimestamp() => Milliseconds;
    public override DateTimeOffset GetUtcNow() => Start.AddMilliseconds(Milliseconds);
}
