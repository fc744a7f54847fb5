using StackExchange.Redis;

namespace AiPipe.Proxy.Journey.Budgets;

/// <summary>Runs scripts, with an end to patience.</summary>
internal sealed class RedisServer(IServiceProvider services)
{
    /// <summary>How long a script is waited for. It may still run later: whoever asked must cope with that.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);
    /// <summary>Loading is rare, and all scripts together are some kilobytes.</summary>
    private static readonly TimeSpan LoadPatience = TimeSpan.FromSeconds(2);

    // Connecting waits for a server that is away, for seconds: nobody's call should.
    private readonly Lazy<Task<IConnectionMultiplexer>> _redis =
        new(() => Task.Run(services.GetRequiredService<IConnectionMultiplexer>));

    /// <summary>Sends a script by its hash, with its text where the server does not have it.</summary>
    /// <exception cref="CounterUnavailableException">Redis does not answer in time, or says no.</exception>
    public async Task<RedisResult> RunAsync(RedisScript script, RedisKey[] keys, RedisValue[] values) =>
        await RunLoadedAsync(script, keys, values)
        // The server is new, or has forgotten it; nothing has run.
        ?? await WaitAsync(async redis => await redis.GetDatabase().ScriptEvaluateAsync(script.Text, keys, values), Patience);

    /// <summary>Sends a script by its hash.</summary>
    /// <returns><c>null</c> when the server does not have it: it was started, or made to forget, after the script was loaded.</returns>
    /// <exception cref="CounterUnavailableException">Redis does not answer in time, or says no.</exception>
    public async Task<RedisResult?> RunLoadedAsync(RedisScript script, RedisKey[] keys, RedisValue[] values)
    {
        try
        {
            return await WaitAsync(async redis => await redis.GetDatabase().ScriptEvaluateAsync(script.Hash, keys, values), Patience);
        }
        catch (CounterUnavailableException exception)
            when (exception.InnerException is RedisServerException { Message: ['N', 'O', 'S', 'C', 'R', 'I', 'P', 'T', ..] })
        {
            return null;
        }
    }

    /// <summary>Hands the server scripts to be run by their hash.</summary>
    /// <exception cref="CounterUnavailableException">Redis does not answer in time, or says no.</exception>
    public Task LoadAsync(IEnumerable<RedisScript> scripts) => WaitAsync(async redis =>
    {
        // Of a cluster every primary: which of them has our slot may change.
        var primaries = redis.GetEndPoints().Select(point => redis.GetServer(point)).Where(server => server is { IsConnected: true, IsSlave: false });
        return await Task.WhenAll(primaries.SelectMany(server => scripts.Select(script => server.ScriptLoadAsync(script.Text))));
    }, LoadPatience);

    private async Task<T> WaitAsync<T>(Func<IConnectionMultiplexer, Task<T>> run, TimeSpan patience)
    {
        try
        {
            return await SendAsync().WaitAsync(patience);
        }
        catch (Exception exception) when (exception is RedisException or RedisCommandException or TimeoutException or ObjectDisposedException)
        {
            throw new CounterUnavailableException($"Redis does not answer: {exception.Message}", exception);
        }

        async Task<T> SendAsync() => await run(await _redis.Value);
    }
}
