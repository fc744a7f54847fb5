using System.Diagnostics;
using System.Threading.Channels;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Ledger.Entries;

namespace AiPipe.Proxy.Ledger;

/// <summary>Writes entries to Postgres in groups, with retries; <see cref="CostLedger"/> refuses calls when too many wait.</summary>
internal sealed partial class LedgerWriter(
    GroupWrite group, Journal journal, ISpendCounter counter, TimeProvider clock, ILogger<LedgerWriter> logger) : BackgroundService
{
    private const int BatchSize = 1000;
    /// <summary>How long entries are collected into one group.</summary>
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(2);
    /// <summary>How long a stop waits for Postgres; the remaining entries are in the journal.</summary>
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(5);

    private readonly Channel<Queued> _queue = Channel.CreateUnbounded<Queued>(new UnboundedChannelOptions { SingleReader = true });
    private readonly List<LedgerEntry> _batch = [];
    private readonly List<ActivityLink> _links = [];
    private readonly Lock _gate = new();
    private readonly List<(long Count, TaskCompletionSource Done)> _waiting = [];
    private long _queued;
    private long _written;

    public long Pending => Interlocked.Read(ref _queued) - Interlocked.Read(ref _written);

    /// <summary>Postgres rejected the last group.</summary>
    public bool IsUnavailable { get; private set; }

    public void Enqueue(LedgerEntry entry)
    {
        Interlocked.Increment(ref _queued);
        _queue.Writer.TryWrite(new Queued(entry, LedgerTelemetry.Linked()));
    }

    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        Task done;
        lock (_gate)
        {
            var count = Interlocked.Read(ref _queued);
            if (_written >= count) return;
            var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((count, waiter));
            done = waiter.Task;
        }
        await done.WaitAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        // The drain time is over: the loop still owns the batch, and the journal has it.
        if (ExecuteTask is { IsCompleted: false })
        {
            Log.LeftInJournal(logger, Pending);
            return;
        }
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(DrainTime);
        try
        {
            await WriteQueuedAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            Log.LeftInJournal(logger, Pending);
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(journal.FlushLoopAsync(stoppingToken), WriteLoopAsync(stoppingToken));

    private async Task WriteLoopAsync(CancellationToken stop)
    {
        while (await _queue.Reader.WaitToReadAsync(stop))
        {
            await Task.Delay(Gather, clock, stop);
            await WriteQueuedAsync(stop);
        }
    }

    private async Task WriteQueuedAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            // An interrupted batch goes first.
            while (_batch.Count < BatchSize && _queue.Reader.TryRead(out var queued)) Add(queued);
            if (_batch.Count == 0) return;
            using var span = LedgerTelemetry.Write(_batch.Count, _links);
            var written = await WriteBatchAsync(cancellationToken);
            journal.Written(_batch);
            await counter.WrittenAsync(written);
            Advance(_batch.Count);
            _batch.Clear();
            _links.Clear();
        }
    }

    private void Add(Queued queued)
    {
        _batch.Add(queued.Entry);
        if (queued.Settlement != default && _links.Count < LedgerTelemetry.MaxLinks) _links.Add(new ActivityLink(queued.Settlement));
    }

    private async Task<WrittenEntries> WriteBatchAsync(CancellationToken cancellationToken)
    {
        for (var retry = FirstRetry; ; retry = TimeSpan.FromTicks(Math.Min(retry.Ticks * 2, LongestRetry.Ticks)))
        {
            var begun = Stopwatch.GetTimestamp();
            try
            {
                var written = await group.WriteAsync(_batch, cancellationToken);
                LedgerTelemetry.Wrote(Stopwatch.GetElapsedTime(begun), error: null);
                IsUnavailable = false;
                if (retry > FirstRetry) Log.Back(logger);
                return written;
            }
            // Any failure: entries must not be dropped, so this loop ends with the process only.
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LedgerTelemetry.Wrote(Stopwatch.GetElapsedTime(begun), exception.GetType().Name);
                IsUnavailable = true;
                // The write may have succeeded; a retry is idempotent.
                if (retry == FirstRetry) Log.Away(logger, exception.Message);
            }
            await Task.Delay(retry, clock, cancellationToken);
        }
    }

    private void Advance(int count)
    {
        lock (_gate)
        {
            _written += count;
            foreach (var (_, done) in _waiting.FindAll(waiter => waiter.Count <= _written)) done.TrySetResult();
            _waiting.RemoveAll(waiter => waiter.Count <= _written);
        }
    }

    private readonly record struct Queued(LedgerEntry Entry, ActivityContext Settlement);

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message =
            "Cannot write ledger entries to Postgres ({Why}); they wait in the journal and are retried")]
        public static partial void Away(ILogger logger, string why);

        [LoggerMessage(Level = LogLevel.Information, Message = "Postgres accepts ledger entries again")]
        public static partial void Back(ILogger logger);

        [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} ledger entries stay in the journal; the next start writes them")]
        public static partial void LeftInJournal(ILogger logger, long count);
    }
}
