using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using AiPipe.Proxy.Metering;

namespace AiPipe.Proxy.Upstream.Unfinished;

/// <summary>
/// A provider's response body whose reader may stop waiting without ending the response: a cancelled read of a connection would close it.
/// A read first waits for data without a buffer; only that wait is cancelled, so that no read is left with a buffer of the forwarder's.
/// </summary>
/// <param name="abort">Ends the response at the provider.</param>
internal sealed class InterruptibleStream(Stream response, CancellationToken abort) : ResponseStream(response), IValueTaskSource<int>
{
    private readonly Lock _lock = new();
    private Action? _onData;
    private ManualResetValueTaskSourceCore<int> _waiter;
    private ConfiguredValueTaskAwaitable<int>.ConfiguredValueTaskAwaiter _data;
    private Exception? _failure;
    private bool _isPending;
    private bool _hasWaiter;
    private bool _hasData;

    /// <summary>True if the provider ended the response before its end.</summary>
    public bool HasFailed => _failure is not null;

    /// <summary><see cref="UpstreamExchange"/> ends the response.</summary>
    protected override bool LeavesOpen => true;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_hasData)
        {
#pragma warning disable CA2012 // The token must be registered after the wait has begun, and is not needed where data is there.
            var wait = BeginWait();
#pragma warning restore CA2012
            if (wait.IsCompletedSuccessfully) wait.GetAwaiter().GetResult();
            else
            {
                // Pooled by the token's source: registering for each wait allocates nothing.
                await using (cancellationToken.UnsafeRegister(
                    static (stream, token) => ((InterruptibleStream)stream!).Interrupt(token), this))
                    await wait;
            }
        }
        _hasData = true;
        if (buffer.IsEmpty) return 0;
        _hasData = false;
        try
        {
            return await Answer.ReadAsync(buffer, abort);
        }
        catch (Exception e)
        {
            _failure = e;
            throw;
        }
    }

    int IValueTaskSource<int>.GetResult(short token) => _waiter.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _waiter.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _waiter.OnCompleted(continuation, state, token, flags);

    /// <summary>Waits for data; an earlier wait that was interrupted is taken up again.</summary>
    private ValueTask<int> BeginWait()
    {
        lock (_lock)
        {
            if (_failure is { } failure) return ValueTask.FromException<int>(failure);
            if (!_isPending)
            {
                var data = Answer.ReadAsync(Memory<byte>.Empty, abort);
                if (data.IsCompletedSuccessfully) return new ValueTask<int>(data.GetAwaiter().GetResult());
                _isPending = true;
                _data = data.ConfigureAwait(false).GetAwaiter();
                _waiter.Reset();
                _hasWaiter = true;
                var wait = new ValueTask<int>(this, _waiter.Version);
                _data.UnsafeOnCompleted(_onData ??= OnData);
                return wait;
            }
            _waiter.Reset();
            _hasWaiter = true;
            return new ValueTask<int>(this, _waiter.Version);
        }
    }

    private void OnData()
    {
        bool isAwaited;
        lock (_lock)
        {
            _isPending = false;
            try
            {
                _data.GetResult();
            }
            // Every failure is the reader's: at this wait or at its next read.
            catch (Exception e)
            {
                _failure = e;
            }
            (isAwaited, _hasWaiter) = (_hasWaiter, false);
        }
        if (!isAwaited) return;
        if (_failure is { } failure) _waiter.SetException(failure);
        else _waiter.SetResult(0);
    }

    private void Interrupt(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (!_hasWaiter) return;
            _hasWaiter = false;
        }
        _waiter.SetException(new OperationCanceledException(cancellationToken));
    }
}
