using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace AiPipe.Proxy.Metering;

/// <summary>
/// Takes out of a stream the usage event that the caller did not request: <c>choices</c> is empty in it, and programs that read
/// <c>choices[0]</c> fail. Only an incomplete event is kept back, which no client could read yet; its size is bounded.
/// </summary>
/// <param name="isEventStream">Called after the first read; other responses pass unchanged.</param>
internal sealed class UsageEventFilter(Stream answer, Func<bool> isEventStream) : ResponseStream(answer)
{
    /// <summary>A usage event is shorter; a longer one passes as it comes.</summary>
    private const int MostKept = 8 << 10;

    private byte[]? _kept;
    private int _keptLength;
    private bool _isLongEvent;
    /// <summary>The last event ended with a CR at the end of what was read: an LF that follows belongs to it.</summary>
    private bool _endedWithReturn;
    private bool _removedLast;
    private bool? _isEventStream;

    private static ReadOnlySpan<byte> Usage => "\"usage\""u8;
    private static ReadOnlySpan<byte> DataName => "data:"u8;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty || _isEventStream == false) return await Answer.ReadAsync(buffer, cancellationToken);
        while (true)
        {
            // The buffer is full of kept bytes: return them.
            if (_keptLength >= buffer.Length)
            {
                _isLongEvent = true;
                return TakeKept(buffer.Span);
            }
            var read = await Answer.ReadAsync(buffer[_keptLength..], cancellationToken);
            if (!(_isEventStream ??= isEventStream())) return read;
            if (read == 0)
            {
                // Clients that read line by line do not wait for the empty line after the last event.
                if (!_isLongEvent && IsUsageEvent(_kept.AsSpan(0, _keptLength))) _keptLength = 0;
                return TakeKept(buffer.Span);
            }
            var passing = Filter(buffer.Span, read);
            if (passing > 0) return passing;
        }
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing && Interlocked.Exchange(ref _kept, value: null) is { } kept) ArrayPool<byte>.Shared.Return(kept);
    }

    /// <param name="buffer">Room for what was kept, then what was read.</param>
    /// <returns>How many bytes of the buffer pass.</returns>
    private int Filter(Span<byte> buffer, int read)
    {
        _kept.AsSpan(0, _keptLength).CopyTo(buffer);
        var bytes = buffer[..(_keptLength + read)];
        _keptLength = 0;
        var from = _endedWithReturn && bytes[0] == '\n' ? 1 : 0;
        var passing = _removedLast ? 0 : from;
        _endedWithReturn = false;
        while (EndOfEvent(bytes[from..]) is > 0 and var length)
        {
            _removedLast = !_isLongEvent && IsUsageEvent(bytes.Slice(from, length));
            _isLongEvent = false;
            if (!_removedLast)
            {
                if (passing != from) bytes.Slice(from, length).CopyTo(bytes[passing..]);
                passing += length;
            }
            from += length;
        }
        var rest = bytes[from..];
        _endedWithReturn = rest.IsEmpty && bytes[^1] == '\r';
        _isLongEvent |= rest.Length > MostKept;
        // Of a long event, only the line break is kept, which may be the first half of the event's end.
        var kept = _isLongEvent ? rest[rest.TrimEnd("\r\n"u8).Length..] : rest;
        Keep(kept);
        rest = rest[..^kept.Length];
        if (passing != from) rest.CopyTo(bytes[passing..]);
        return passing + rest.Length;
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return;
        _kept ??= ArrayPool<byte>.Shared.Rent(MostKept);
        bytes.CopyTo(_kept);
        _keptLength = bytes.Length;
    }

    /// <summary>The index after the empty line that ends an event; 0 if there is none. Lines end with LF, CRLF or CR.</summary>
    private static int EndOfEvent(ReadOnlySpan<byte> bytes)
    {
        for (var at = 0; bytes[at..].IndexOfAny((byte)'\r', (byte)'\n') is >= 0 and var found;)
        {
            at += found;
            at += LineBreak(bytes[at..]);
            if (LineBreak(bytes[at..]) is > 0 and var length) return at + length;
        }
        return 0;
    }

    /// <summary>The length of the line break at the start; 0 if there is none.</summary>
    private static int LineBreak(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith("\r\n"u8) ? 2 : bytes.StartsWith("\n"u8) || bytes.StartsWith("\r"u8) ? 1 : 0;

    private static bool IsUsageEvent(ReadOnlySpan<byte> text)
    {
        if (text.Length > MostKept || text.IndexOf(Usage) is not (>= 0 and var name)
            || text[(name + Usage.Length)..].TrimStart(" :"u8).StartsWith("null"u8)) return false;
        Span<byte> data = stackalloc byte[MostKept];
        try
        {
            var json = new Utf8JsonReader(data[..CopyData(text, data)]);
            return HasUsageAlone(ref json);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Joins the data lines of an event, each with a newline after it; comments and other fields are left out.</summary>
    /// <param name="data">At least as long as the event.</param>
    /// <returns>How many bytes were copied.</returns>
    private static int CopyData(ReadOnlySpan<byte> text, Span<byte> data)
    {
        var copied = 0;
        while (!text.IsEmpty)
        {
            var end = text.IndexOfAny((byte)'\r', (byte)'\n');
            var line = end < 0 ? text : text[..end];
            text = end < 0 ? default : text[(end + 1)..];
            if (!line.StartsWith(DataName)) continue;
            line[DataName.Length..].CopyTo(data[copied..]);
            copied += line.Length - DataName.Length;
            data[copied++] = (byte)'\n';
        }
        return copied;
    }

    /// <summary>True for an object with <c>usage</c> and an empty list of <c>choices</c>.</summary>
    private static bool HasUsageAlone(ref Utf8JsonReader json)
    {
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject) return false;
        var (hasUsage, hasNoChoices) = (false, false);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var (isUsage, isChoices) = (json.ValueTextEquals("usage"u8), json.ValueTextEquals("choices"u8));
            json.Read();
            hasUsage |= isUsage && json.TokenType == JsonTokenType.StartObject;
            if (isChoices && json.TokenType == JsonTokenType.StartArray)
                hasNoChoices = json.Read() && json.TokenType == JsonTokenType.EndArray;
            if (isChoices && !hasNoChoices) return false;
            json.Skip();
        }
        return hasUsage && hasNoChoices;
    }

    private int TakeKept(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _keptLength);
        _kept.AsSpan(0, count).CopyTo(buffer);
        _kept.AsSpan(count, _keptLength - count).CopyTo(_kept);
        _keptLength -= count;
        return count;
    }
}
