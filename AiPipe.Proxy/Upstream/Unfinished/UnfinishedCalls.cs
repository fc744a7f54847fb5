using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Calls;
using AiPipe.Proxy.Calls.Telemetry;
using AiPipe.Proxy.Providers;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Upstream.Unfinished;

/// <summary>
/// Decides what becomes of a response that its caller no longer waits for, because it left or a timeout passed. Whatever the provider
/// bills is charged: a response with billed content that cannot be counted is read to its end, and its reservation is
/// held until then.
/// </summary>
internal sealed partial class UnfinishedCalls(
    CallSettlement settlement, IOptions<ForwardingOptions> options, TimeProvider clock, ILogger<UnfinishedCalls> logger)
    : IHostedService, IDisposable
{
    /// <summary>One caller has at most this part of <see cref="ForwardingOptions.MaxDetached"/>.</summary>
    private const int CallerShare = 10;

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly HashSet<Task> _running = [];
    private readonly Dictionary<string, int> _callers = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>The number of calls that are read without their callers.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Keeps or ends an exchange that the forwarder has left. A kept one is read by <see cref="EndAsync"/>.</summary>
    public void Leave(CallContext call, MeteredExchange metered)
    {
        if (!MustBeRead(call, metered.Exchange) || !TryTake(CallerOf(call)))
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
                await EndNowAsync(call);
            }
            catch (Exception e)
            {
                Log.NotEnded(logger, e, call.Id);
            }
            finally
            {
                Return(call);
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
        await using var registration = cancellationToken.UnsafeRegister(static stop => ((CancellationTokenSource)stop!).Cancel(), _stop);
        while (true)
        {
            Task[] running;
            lock (_lock) running = [.. _running.Where(static reading => !reading.IsCompleted)];
            if (running.Length == 0) return;
            Log.Waiting(logger, running.Length);
            await Task.WhenAll(running);
        }
    }

    public void Dispose() => _stop.Dispose();

    private static bool MustBeRead(CallContext call, UpstreamExchange exchange)
    {
        if (call.IsSettled || !exchange.MayContinue
            || call.Progress is UpstreamProgress.NotSent or UpstreamProgress.Rejected or UpstreamProgress.Unreadable) return false;
        if (call.Provider.OnCallerGone == CallerGone.Cancel) return false;
        // After the finish reason, only the usage report follows.
        return !BillableContent.IsCountableInStream(call) || call.UsageReader?.Facts.FinishReason is not null;
    }

    private bool TryTake(string caller)
    {
        var most = options.Value.MaxDetached;
        lock (_lock)
        {
            var callers = _callers.GetValueOrDefault(caller);
            // One caller cannot take the place of all others.
            if (_count < most && callers < Math.Max(1, most / CallerShare))
            {
                _count++;
                _callers[caller] = callers + 1;
                return true;
            }
        }
        Log.TooMany(logger, most);
        return false;
    }

    private void Return(CallContext call)
    {
        lock (_lock)
        {
            _count--;
            var caller = CallerOf(call);
            if (--_callers[caller] == 0) _callers.Remove(caller);
        }
    }

    private static string CallerOf(CallContext call) => call.Caller is Caller.User user ? user.Email : "";

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
            // Whatever failed: the call is settled without a report.
            catch (Exception e)
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
        [LoggerMessage(Level = LogLevel.Error,
            Message = "Call {Id}, whose caller disconnected, could not be settled; its reservation ends with this process")]
        public static partial void NotEnded(ILogger logger, Exception exception, Guid id);

        [LoggerMessage(Level = LogLevel.Information,
            Message = "Waiting for {Count} responses of disconnected callers to record their cost")]
        public static partial void Waiting(ILogger logger, int count);

        [LoggerMessage(Level = LogLevel.Warning,
            Message = "Already reading {Count} responses of disconnected callers (AiPipe:Forwarding:MaxDetached); cancelling one and "
                + "charging its reservation")]
        public static partial void TooMany(ILogger logger, int count);

        [LoggerMessage(Level = LogLevel.Warning,
            Message = "Cannot finish reading the response of call {Id} from {Provider} after its caller disconnected; charging the "
                + "reservation: {Reason}")]
        public static partial void NotRead(ILogger logger, Guid id, string provider, string reason);
    }
}
