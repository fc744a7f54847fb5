using AiPipe.Proxy.Calls;
using AiPipe.Proxy.Calls.Telemetry;
using AiPipe.Proxy.Providers;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Upstream.Unfinished;

/// <summary>
/// Decides what becomes of a response that its caller no longer waits for, because it left or a timeout passed. Whatever the provider
/// bills is charged: a response whose billed content is not all visible is read to its end without the caller, and its reservation is
/// held until then.
/// </summary>
internal sealed partial class UnfinishedCalls(
    CallSettlement settlement, IOptions<ForwardingOptions> options, TimeProvider clock, ILogger<UnfinishedCalls> logger)
    : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly HashSet<Task> _running = [];
    private int _count;

    /// <summary>The number of calls that are read without their callers.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Keeps or ends an exchange that the forwarder has left. A kept one is read by <see cref="EndAsync"/>.</summary>
    public void Leave(CallContext call, MeteredExchange metered)
    {
        if (!MustBeRead(call, metered.Exchange) || !TryTake())
        {
            metered.Dispose();
            return;
        }
        CallSettlement.Detach(call);
        // The body was sent; a thousand calls that are read on would keep gigabytes of them.
        call.Body = call.Body with { Bytes = default };
        call.ReadRest = () => ReadRestAsync(call, metered);
    }

    /// <summary>Ends a call: at once, or when the rest of its response has been read, which this does not wait for.</summary>
    public ValueTask EndAsync(CallContext call)
    {
        if (call.ReadRest is not { } readRest) return EndNowAsync(call);
        var reading = Task.Run(async () =>
        {
            try
            {
                await readRest();
            }
            finally
            {
                await EndNowAsync(call);
                Interlocked.Decrement(ref _count);
            }
        });
        lock (_lock) _running.Add(reading);
        _ = reading.ContinueWith(
            (ended, _) => { lock (_lock) _running.Remove(ended); }, state: null, CancellationToken.None, TaskContinuationOptions.None,
            TaskScheduler.Default);
        return ValueTask.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Waits for the responses that are still read; when the time to shut down is over, charges their reservations.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Task[] running;
        lock (_lock) running = [.. _running];
        if (running.Length == 0) return;
        Log.Waiting(logger, running.Length);
        await using (cancellationToken.UnsafeRegister(static stop => ((CancellationTokenSource)stop!).Cancel(), _stop))
            await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _stop.Dispose();

    private static bool MustBeRead(CallContext call, UpstreamExchange exchange)
    {
        if (call.IsSettled || !exchange.MayContinue
            || call.Progress is UpstreamProgress.NotSent or UpstreamProgress.Rejected or UpstreamProgress.Unreadable) return false;
        if (call.Provider.OnCallerGone == CallerGone.Cancel) return false;
        // After the finish reason, only the usage report follows.
        return !BillableContent.IsVisibleInStream(call) || call.UsageReader?.Facts.FinishReason is not null;
    }

    private bool TryTake()
    {
        if (Interlocked.Increment(ref _count) <= options.Value.MaxDetached) return true;
        Interlocked.Decrement(ref _count);
        Log.TooMany(logger, options.Value.MaxDetached);
        return false;
    }

    private async Task ReadRestAsync(CallContext call, MeteredExchange metered)
    {
        using (metered)
        using (var timeout = new CancellationTokenSource(options.Value.DetachedTimeout, clock))
        using (var end = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stop.Token))
        await using (end.Token.UnsafeRegister(static exchange => ((UpstreamExchange)exchange!).Abort(), metered.Exchange))
        {
            try
            {
                await metered.ReadRestAsync();
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or InvalidDataException)
            {
                Log.NotRead(logger, call.Id, call.Provider.Name, e.Message);
            }
        }
    }

    private async ValueTask EndNowAsync(CallContext call)
    {
        // Does nothing for calls that were settled before their last byte; settles failed and interrupted ones.
        await settlement.SettleAsync(call, complete: false);
        RateLimitStage.Settle(call);
        UpstreamSpan.End(call);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information,
            Message = "Waiting for {Count} responses whose callers have left, to record their cost")]
        public static partial void Waiting(ILogger logger, int count);

        [LoggerMessage(Level = LogLevel.Warning,
            Message = "{Count} responses are already read without their callers (AiPipe:Forwarding:MaxDetached); the next is ended at "
                + "the provider and charged its reservation")]
        public static partial void TooMany(ILogger logger, int count);

        [LoggerMessage(Level = LogLevel.Warning,
            Message = "The response of call {Id} could not be read to its end without its caller at {Provider}; the call is charged its "
                + "reservation: {Reason}")]
        public static partial void NotRead(ILogger logger, Guid id, string provider, string reason);
    }
}
