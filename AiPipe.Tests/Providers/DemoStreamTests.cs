using AiPipe.Proxy.Providers.Demo;

namespace AiPipe.Tests.Providers;

public sealed class DemoStreamTests
{
    [Fact]
    public async Task Events_come_into_being_as_they_are_read_and_stop_with_the_reader()
    {
        var made = 0;
        IEnumerable<ReadOnlyMemory<byte>> Events()
        {
            while (true)
            {
                made++;
                yield return new byte[] { 1, 2, 3 };
            }
        }

        await using var stream = new DemoStream(Events(), new HurriedTime());
        var buffer = new byte[2];
        Assert.Equal(2, await stream.ReadAsync(buffer, TestContext.Current.CancellationToken));
        Assert.Equal(1, await stream.ReadAsync(buffer, TestContext.Current.CancellationToken));
        Assert.Equal(1, made);
        Assert.Equal(2, await stream.ReadAsync(buffer, TestContext.Current.CancellationToken));
        Assert.Equal(2, made);
    }

    [Fact]
    public async Task A_reader_that_leaves_is_not_waited_for()
    {
        await using var stream = new DemoStream([new byte[] { 1 }], new StoppedTime());
        using var leaving = new CancellationTokenSource();
        var reading = stream.ReadAsync(new byte[1], leaving.Token).AsTask();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }
}

/// <summary>A clock whose timers are due at once.</summary>
internal sealed class HurriedTime : TimeProvider
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, TimeSpan.Zero, period);
}

/// <summary>A clock whose timers are never due.</summary>
internal sealed class StoppedTime : TimeProvider
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
}
