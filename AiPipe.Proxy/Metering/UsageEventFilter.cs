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
    private bool? _isEventStream;

    private static ReadOnlySpan<byte> Usage => "\"usage\""u8;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty || _isEventStream == false) return await Answer.ReadAsync(buffer, cancellationToken);
        while (true)
        {
            // The buffer is full of kept bytes: return them.
            if (_keptLength >= buffer.Length) return TakeKept(buffer.Span);
            var read = await Answer.ReadAsync(buffer[_keptLength..], cancellationToken);
            if (!(_isEventStream ??= isEventStream())) return read;
            if (read == 0) return TakeKept(buffer.Span);
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
        var (from, passing) = (0, 0);
        while (EndOfEvent(bytes[from..]) is > 0 and var length)
        {
            var isRemoved = !_isLongEvent && IsUsageEvent(bytes.Slice(from, length));
            _isLongEvent = false;
            if (!isRemoved)
            {
                if (passing != from) bytes.Slice(from, length).CopyTo(bytes[passing..]);
                passing += length;
            }
            from += length;
        }
        var rest = bytes[from..];
        if (_isLongEvent || rest.Length > MostKept)
        {
            _isLongEvent = true;
            rest.CopyTo(bytes[passing..]);
            return passing + rest.Length;
        }
        if (rest.Length > 0)
        {
            _kept ??= ArrayPool<byte>.Shared.Rent(MostKept);
            rest.CopyTo(_kept);
            _keptLength = rest.Length;
        }
        return passing;
    }

    /// <summary>The index after the empty line that ends an event; 0 if there is none.</summary>
    private static int EndOfEvent(ReadOnlySpan<byte> bytes)
    {
        for (var at = 0; bytes[at..].IndexOf((byte)'\n') is >= 0 and var found;)
        {
            at += found + 1;
            var next = bytes[at..];
            if (next.StartsWith("\n"u8)) return at + 1;
            if (next.StartsWith("\r\n"u8)) return at + 2;
        }
        return 0;
    }

    private static bool IsUsageEvent(ReadOnlySpan<byte> text)
    {
        if (text.IndexOf(Usage) is not (>= 0 and var name) || text[(name + Usage.Length)..].TrimStart(" :"u8)
            .StartsWith("null"u8)) return false;
        text = text.TrimStart("\r\n"u8);
        if (!text.StartsWith("data:"u8)) return false;
        try
        {
            var json = new Utf8JsonReader(text["data:".Length..].Trim(" \r\n"u8));
            return HasUsageAlone(ref json);
        }
        catch (JsonException)
        {
            return false;
        }
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
