using AiPipe.Proxy.Errors;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace AiPipe.Proxy.Infrastructure.Redis;

/// <summary>Runs scripts, with an end to patience.</summary>
internal sealed class RedisServer(IServiceProvider services, IOptions<RedisOptions> options, TimeProvider clock) : IHostedService
{
    /// <summary>Loading is rare, and all scripts together are some kilobytes.</summary>
    private static readonly TimeSpan LoadTimeout = TimeSpan.FromSeconds(2);

    /// <summary>How long the start waits for the connection, so that not even the first call has to do without it.</summary>
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(2);

    // A script may still run later: whoever asked must cope with that.
    private readonly TimeSpan _patience = options.Value.CommandTimeout;

    // Connecting waits for a server that is away, for seconds: nobody's call should.
    private readonly Lazy<Task<IConnectionMultiplexer>> _redis =
        new(() => Task.Run(services.GetRequiredService<IConnectionMultiplexer>));

    /// <summary>Connects, or lets the gateway start while that goes on.</summary>
    /// <exception cref="InvalidOperationException">The connection string is none.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _redis.Value.WaitAsync(StartTimeout, clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            // The client goes on trying; calls are told that Redis does not answer.
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Sends a script by its hash, with its text where the server does not have it.</summary>
    /// <exception cref="CounterUnavailableException">Redis does not answer in time, or says no.</exception>
    public async Task<RedisResult> RunAsync(RedisScript script, RedisKey[] keys, RedisValue[] values) =>
        await RunLoadedAsync(script, keys, values)
        // The server is new, or has forgotten it; nothing has run.
        ?? await WaitAsync(async redis => await redis.GetDatabase().ScriptEvaluateAsync(script.Text, keys, values), _patience);

    /// <summary>Sends a script by its hash.</summary>
    /// <returns><c>null</c> when the server does not have it: it was started, or made to forget, after the script was loaded.</returns>
    /// <exception cref="CounterUnavailableException">Redis does not answer in time, or says no.</exception>
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

    /// <summary>Hands the server scripts to be run by their hash.</summary>
    /// <exception cref="CounterUnavailableException">Redis does not answer in time, or says no.</exception>
    public Task LoadAsync(IEnumerable<RedisScript> scripts) => WaitAsync(async redis =>
    {
        // Of a cluster every primary: which of them has our slot may change.
        var primaries = redis.GetEndPoints().Select(point => redis.GetServer(point)).Where(server => server is { IsConnected: true, IsReplica: false });
        return await Task.WhenAll(primaries.SelectMany(server => scripts.Select(script => server.ScriptLoadAsync(script.Text))));
    }, LoadTimeout);

    /// <summary>How long it takes to answer.</summary>
    /// <exception cref="CounterUnavailableException">Redis does not answer in time.</exception>
    public Task<TimeSpan> PingAsync() => WaitAsync(static async redis => await redis.GetDatabase().PingAsync(), LoadTimeout);

    private async Task<T> WaitAsync<T>(Func<IConnectionMultiplexer, Task<T>> run, TimeSpan timeout)
    {
        try
        {
            return await SendAsync().WaitAsync(timeout, clock);
        }
        catch (Exception exception) when (exception is RedisException or RedisCommandException or TimeoutException or ObjectDisposedException)
        {
            throw new CounterUnavailableException($"Redis does not answer: {exception.Message}", exception);
        }

        async Task<T> SendAsync() => await Elsewhere(run(await _redis.Value));
    }

    // Before 2.0 the library finishes tasks in order, on one thread, with whatever waits for them: who waits must go on elsewhere, or
    // one that blocks there holds up every answer that comes after.
    private static Task<T> Elsewhere<T>(Task<T> task) =>
        task.ContinueWith(static done => done, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).Unwrap();
}
