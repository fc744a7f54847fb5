using System.Threading.Channels;
using AiPipe.Proxy.Infrastructure.Replicas;
using AiPipe.Proxy.Ledger.Entries;
using AiPipe.Proxy.Money;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Ledger;

/// <summary>
/// This process's log of running calls and of entries that Postgres does not have yet: files of JSON lines in a locked folder. A line
/// reaches the operating system before the call is sent or its last byte goes out, so <c>kill -9</c> loses nothing; it reaches the disk
/// within <see cref="Gather"/>. <see cref="JournalReplay"/> writes the lines of dead processes to Postgres.
/// </summary>
internal sealed partial class Journal : IDisposable
{
    /// <summary>How long lines are collected before one flush to the disk.</summary>
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(25);

    /// <summary>One part in this many of a file is spare space for marks and settlements on a full disk.</summary>
    private const int SpareShare = 8;

    private readonly Lock _gate = new();
    private readonly Channel<bool> _written =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Dictionary<Guid, JournalPins> _pins = [];
    private readonly List<JournalSegment> _segments = [];
    private readonly LedgerOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly JournalFolder _folder;
    private int _count;
    private bool _failing;
    private bool _disposed;

    public Journal(IOptions<LedgerOptions> options, Replica replica, TimeProvider clock, ILogger<Journal> logger)
    {
        (_options, _clock, _logger) = (options.Value, clock, logger);
        _folder = JournalFolder.Create(_options.Folder, replica);
    }

    /// <summary>The records in files that are still needed: running calls and entries that Postgres does not have.</summary>
    public int Outstanding { get { lock (_gate) return _pins.Count; } }

    public long Bytes { get { lock (_gate) return _segments.Sum(segment => segment.Length); } }

    /// <returns>False if the line cannot be written: the call must not be sent.</returns>
    public bool Reserve(LedgerEntry draft, PicoUsd hold) => Append(new JournalRecord { Reserve = draft, Hold = hold });

    public bool Mark(Guid id, PicoUsd counted) => Append(new JournalRecord { Mark = id, Counted = counted });

    public bool Settle(LedgerEntry entry) => Append(new JournalRecord { Settle = entry });

    public void Written(IReadOnlyList<LedgerEntry> entries)
    {
        lock (_gate)
        {
            foreach (var entry in entries)
                if (_pins.Remove(entry.Id, out var pins)) pins.Release();
            for (var i = _segments.Count - 1; i >= 0; i--)
            {
                // The last file is used until it is full; its space is then free for the next one, even on a full disk.
                if (_segments[i].Pins > 0 || (i == _segments.Count - 1 && _segments[i].Length < _options.SegmentBytes)) continue;
                Delete(_segments[i]);
                _segments.RemoveAt(i);
            }
        }
    }

    public async Task FlushLoopAsync(CancellationToken stop)
    {
        while (await _written.Reader.WaitToReadAsync(stop))
        {
            await Task.Delay(Gather, _clock, stop);
            _written.Reader.TryRead(out _);
            FlushToDisk();
        }
    }

    /// <summary>Deletes the files if Postgres has every entry; otherwise they stay for the next start.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            foreach (var segment in _segments)
            {
                segment.FlushToDisk();
                segment.Close();
            }
            _folder.Release(delete: _pins.Count == 0);
        }
    }

    private void FlushToDisk()
    {
        List<JournalSegment> dirty;
        lock (_gate)
        {
            dirty = _segments.FindAll(segment => segment.IsDirty);
            foreach (var segment in dirty) segment.IsDirty = false;
        }
        try
        {
            foreach (var segment in dirty) segment.FlushToDisk();
        }
        catch (IOException exception)
        {
            Log.NotFlushed(_logger, exception);
        }
    }

    // A leftover file is harmless: its entries are in Postgres, and replay is idempotent.
    private void Delete(JournalSegment segment)
    {
        try
        {
            segment.Delete();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Log.NotDeleted(_logger, exception);
        }
    }

    private bool Append(JournalRecord record)
    {
        var line = record.ToLine();
        try
        {
            if (line.Length > JournalLines.Longest) throw new IOException("An entry is too long to be read again.");
            lock (_gate)
            {
                var segment = SegmentFor(record);
                segment.Append(line);
                Pin(record, segment);
            }
            // Marks and settlements can use the spare space, so their success does not show that reservations work again.
            if (record.Reserve is not null && Interlocked.Exchange(ref _failing, false)) Log.WrittenAgain(_logger);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            // Logged once per outage: many calls may be refused.
            if (!Interlocked.Exchange(ref _failing, true)) Log.NotWritten(_logger, record.Id(), exception);
            return false;
        }
        _written.Writer.TryWrite(true);
        return true;
    }

    // Reservations stop at the nominal end of a file, which leaves space for the settlements of running calls on a full disk.
    private JournalSegment SegmentFor(JournalRecord record)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var last = _segments.Count > 0 ? _segments[^1] : null;
        if (last?.Length < _options.SegmentBytes) return last;
        var reserves = record.Reserve is not null;
        if (reserves && (long)_segments.Count * _options.SegmentBytes >= _options.MaxJournalBytes)
            throw new IOException($"The journal is full: {_segments.Count} files wait for Postgres.");
        try
        {
            var added = new JournalSegment(_folder.NextFile(_count + 1), _options.SegmentBytes + (_options.SegmentBytes / SpareShare));
            _count++;
            _segments.Add(added);
            return added;
        }
        catch (IOException) when (!reserves && last is not null)
        {
            return last;
        }
    }

    // A file is kept while it has a reservation, the last mark or the settlement of an entry that Postgres does not have.
    private void Pin(JournalRecord record, JournalSegment segment)
    {
        if (!_pins.TryGetValue(record.Id(), out var pins))
        {
            // A mark is obsolete once its entry is in Postgres.
            if (record.Mark is not null) return;
            _pins[record.Id()] = pins = new JournalPins();
        }
        if (record.Mark is null) pins.Hold(segment);
        else pins.HoldMark(segment);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message =
            "Cannot write the journal (first for call {Id}); refusing calls until it can be written")]
        public static partial void NotWritten(ILogger logger, Guid id, Exception exception);

        [LoggerMessage(Level = LogLevel.Information, Message = "The journal can be written again; accepting calls")]
        public static partial void WrittenAgain(ILogger logger);

        [LoggerMessage(Level = LogLevel.Warning,
            Message = "Cannot delete a journal file that is no longer needed; the next start replays it, which changes nothing")]
        public static partial void NotDeleted(ILogger logger, Exception exception);

        [LoggerMessage(Level = LogLevel.Error, Message = "Cannot flush the journal to the disk; trying again with the next lines")]
        public static partial void NotFlushed(ILogger logger, Exception exception);
    }
}
