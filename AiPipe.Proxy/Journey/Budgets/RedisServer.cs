using StackExchange.Redis;

namespace AiPipe.Proxy.Journey.Budgets;

/// <summary>Runs scripts, with an end to patience.</summary>
internal sealed class RedisServer(IServiceProvider services)
{
    /// <summary>How long a script is waited for. It may still run later: whoever asked must cope with that.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    // Connecting waits for a server that is away, for seconds: nobody's call should.
    private readonly Lazy<Task<IConnectionMultiplexer>> _redis =
        new(() => Task.Run(services.GetRequiredService<IConnectionMultiplexer>));

    /// <summary>Sends a script by its hash, with its text where the server does not have it.</summary>
    /// <exception cref="CounterUnavailableException">Redis does not answer in time, or says no.</exception>
    public async Task<RedisResult> RunAsync(RedisScript script, RedisKey[] keys, RedisValue[] values)
    {
        try
        {
            return await SendAsync(script, keys, values).WaitAsync(Patience);
        }
        catch (Exception exception) when (exception is RedisException or RedisCommandException or TimeoutException or ObjectDisposedException)
        {
            throw new CounterUnavailableException($"Redis does not answer: {exception.Message}", exception);
        }
    }

    private async Task<RedisResult> SendAsync(RedisScript script, RedisKey[] keys, RedisValue[] values)
    {
        var redis = (await _redis.Value).GetDatabase();
        try
        {
            return await redis.ScriptEvaluateAsync(script.Hash, keys, values);
        }
        // The server is new, or has forgotten it; nothing has run.
        catch (RedisServerException exception) when (exception.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            return await redis.ScriptEvaluateAsync(script.Text, keys, values);
        }
    }
}
