namespace AiPipe.Tests.Fixtures;

public abstract class RedisServerTests(RedisFixture redis)
{
    [Fact]
    public async Task A_server_stops_pauses_and_comes_back_empty_at_the_same_address()
    {
        var server = await redis.NewServerAsync();
        var address = server.Address;
        await server.CommandAsync("SET here yes");

        await server.PauseAsync();
        var frozen = server.CommandAsync("EXISTS here");
        await Assert.ThrowsAsync<TimeoutException>(
            () => frozen.WaitAsync(TimeSpan.FromMilliseconds(200), TestContext.Current.CancellationToken));
        await server.ResumeAsync();
        Assert.Equal(":1", await frozen);

        await server.StopAsync();
        await Assert.ThrowsAnyAsync<System.Net.Sockets.SocketException>(() => server.CommandAsync("PING"));
        await server.StartAsync();
        Assert.Equal(address, server.Address);
        Assert.Equal(":0", await server.CommandAsync("EXISTS here"));
    }

    [Fact]
    public async Task Flushing_one_server_leaves_the_others_alone()
    {
        var (one, other) = (await redis.NewServerAsync(), await redis.NewServerAsync());
        await one.CommandAsync("SET here yes");
        await other.CommandAsync("SET here yes");
        await one.FlushAsync();
        Assert.Equal(":0", await one.CommandAsync("EXISTS here"));
        Assert.Equal(":1", await other.CommandAsync("EXISTS here"));
    }
}

/// <summary>On <c>redis-server</c>.</summary>
public sealed class RedisFixtureTests(RedisFixture redis) : RedisServerTests(redis), IClassFixture<RedisFixture>;

/// <summary>On Garnet.</summary>
public sealed class GarnetFixtureTests(GarnetFixture redis) : RedisServerTests(redis), IClassFixture<GarnetFixture>;
