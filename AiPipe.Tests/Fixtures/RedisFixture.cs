namespace AiPipe.Tests.Fixtures;

/// <summary>
/// Servers for the tests of one class: <c>redis-server</c>, or Garnet where that is not installed. They end with the class, whatever state
/// a test
/// leaves them in.
/// </summary>
public class RedisFixture : IAsyncDisposable
{
    private readonly List<(RedisProcess Server, string? Test)> _servers = [];
    private readonly RedisProgram _program;

    public RedisFixture() : this(RedisProgram.IsRedisInstalled ? RedisProgram.Redis : RedisProgram.Garnet) { }

    private protected RedisFixture(RedisProgram program) => _program = program;

    /// <summary>An empty server that no other test uses: stop, pause or flush it freely.</summary>
    public async Task<RedisProcess> NewServerAsync()
    {
        var test = TestContext.Current.Test?.UniqueID;
        var free = _servers.FindIndex(one => one.Test != test);
        var server = free < 0 ? new RedisProcess(_program) : _servers[free].Server;
        if (free >= 0) _servers.RemoveAt(free);
        _servers.Add((server, test));
        await server.ResetAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var (server, _) in _servers) await server.DisposeAsync();
    }
}

/// <summary>Garnet servers for the tests of one class.</summary>
public sealed class GarnetFixture() : RedisFixture(RedisProgram.Garnet);
