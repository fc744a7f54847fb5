using System.Collections.Concurrent;
using AiPipe.Tests.Fixtures;

[assembly: AssemblyFixture(typeof(RedisFixture))]

namespace AiPipe.Tests.Fixtures;

/// <summary>Starts servers for tests, and ends with the run whatever a test has left of them.</summary>
public sealed class RedisFixture : IAsyncDisposable
{
    private readonly ConcurrentBag<RedisProcess> _servers = [];

    /// <summary>A new, empty server that nobody else uses: stop it, pause it, flush it as you like. Passes the test over where there is none.</summary>
    public async Task<RedisProcess> NewServerAsync()
    {
        Assert.SkipUnless(RedisProcess.IsInstalled, "redis-server is not installed: apt-get install redis-server");
        var server = new RedisProcess();
        _servers.Add(server);
        await server.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers) await server.DisposeAsync();
    }
}
