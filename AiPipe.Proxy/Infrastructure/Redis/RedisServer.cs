using AiPipe.Proxy.Errors;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace AiPipe.Proxy.Infrastructure.Redis;

internal sealed class RedisServer(IServiceProvider services, IOptions<RedisOptions> options, TimeProvider clock) : IHostedService
{
    /// <summary>Loading is rare, and all scripts together are a few kilobytes.</summary>
    private static readonly TimeSpan LoadTimeout = TimeSpan.FromSeconds(2);

    /// <summary>How long the start waits for the connection, so that the first call can use it.</summary>
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(2);

    // After the timeout a script may still run: callers must be able to handle that.
    private readonly TimeSpan _patience = options.Value.CommandTimeout;

    // Connecting to an unavailable server blocks for seconds, which must not delay calls.
    private readonly Lazy<Task<IConnectionMultiplexer>> _redis =
        new(() => Task.Run(services.GetRequiredService<IConnectionMultiplexer>));

    /// <summary>Connects; if that takes long, the gateway starts anyway.</summary>
    /// <exception cref="InvalidOperationException">The connection string is invalid.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _redis.Value.WaitAsync(StartTimeout, clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            // The client keeps trying; calls get an exception until then.
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs a script by its hash, or with its text if the server does not have it.</summary>
    /// <exception cref="CounterUnavailableException">Redis is too slow or rejects the script.</exception>
    public async Task<RedisResult> RunAsync(RedisScript script, RedisKey[] keys, RedisValue[] values) =>
        await RunLoadedAsync(script, keys, values)
        // The server is new or has lost the script; nothing has run.
        ?? await WaitAsync(async redis => await redis.GetDatabase().ScriptEvaluateAsync(script.Text, keys, values), _patience);

    /// <summary>Runs a script by its hash; <c>null</c> if the server was restarted or flushed and does not have it.</summary>
    public async Task<RedisResult?> RunLoadedAsync(RedisScript script, RedisKey[] keys, RedisValue[] values)
    {
        try
        {
            return await WaitAsync(async redis => await redis.GetDatabase().ScriptEvaluateAsync(script.Hash, keys, values), _patience);
        }
        catch (CounterUnavailableException exception)
            when (exception.InnerException is RedisServerException { Message: ['N', 'O', 'S', 'C', 'R', 'I', 'P', 'T', ..] })
        {
            return null;
        }
    }

    /// <summary>Loads scripts, to be run by their hash.</summary>
    public Task LoadAsync(IEnumerable<RedisScript> scripts) => WaitAsync(async redis =>
    {
        // In a cluster, every primary: the owner of our slot may change.
        var primaries = redis.GetEndPoints().Select(point => redis.GetServer(point))
            .Where(server => server is { IsConnected: true, IsReplica: false });
        return await Task.WhenAll(primaries.SelectMany(server => scripts.Select(script => server.ScriptLoadAsync(script.Text))));
    }, LoadTimeout);

    public Task<TimeSpan> PingAsync() => WaitAsync(static async redis => await redis.GetDatabase().PingAsync(), LoadTimeout);

    private async Task<T> WaitAsync<T>(Func<IConnectionMultiplexer, Task<T>> run, TimeSpan timeout)
    {
        try
        {
            return await SendAsync().WaitAsync(timeout, clock);
        }
        catch (Exception exception) when (
            exception is RedisException or RedisCommandException or TimeoutException or ObjectDisposedException)
        {
            throw new CounterUnavailableException($"Redis does not answer: {exception.Message}", exception);
        }

        async Task<T> SendAsync() => await Elsewhere(run(await _redis.Value));
    }

    // Before 2.0 the library runs continuations in order on one thread; continuing elsewhere prevents a blocking one from delaying all
    // later responses.
    private static Task<T> Elsewhere<T>(Task<T> task) =>
        task.ContinueWith(static done => done, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).Unwrap();
}
