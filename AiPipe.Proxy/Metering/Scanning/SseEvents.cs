namespace AiPipe.Proxy.Metering.Scanning;

/// <summary>What <see cref="SseEvents.Next"/> came to.</summary>
internal enum SsePiece
{
    /// <summary>The span is used up.</summary>
    None,
    /// <summary>A piece of the event's data; an event can have many.</summary>
    Data,
    /// <summary>The blank line that ends an event.</summary>
    EventEnd,
}

/// <summary>
/// Takes a stream of server-sent events apart without keeping any of it: an event of megabytes is as cheap as a short one.
/// Follows https://html.spec.whatwg.org/multipage/server-sent-events.html: lines end with LF, CRLF or CR; several data lines
/// are one value with newlines between; comments and other fields are passed over.
/// </summary>
internal sealed class SseEvents
{
    private Place _place;
    private int _matched;
    private bool _afterReturn;
    private bool _hasData;

    private enum Place : byte { LineStart, Name, Space, Data, Other }

    private static ReadOnlySpan<byte> DataName => "data:"u8;

    /// <summary>Goes on from <paramref name="at"/> to the next thing of interest and moves <paramref name="at"/> behind it.</summary>
    public SsePiece Next(ReadOnlySpan<byte> bytes, ref int at, out ReadOnlySpan<byte> data)
    {
        data = default;
        while (at < bytes.Length)
        {
            switch (_place)
            {
                case Place.LineStart:
                    if (StartLine(bytes, ref at)) return SsePiece.EventEnd;
                    break;
                case Place.Name when bytes[at] == DataName[_matched]:
                    at++;
                    if (++_matched == DataName.Length) _place = Place.Space;
                    break;
                case Place.Name:
                    _place = Place.Other;
                    break;
                case Place.Space:
                    if (bytes[at] == ' ') at++;
                    _place = Place.Data;
                    if (_hasData)
                    {
                        data = "\n"u8;
                        return SsePiece.Data;
                    }
                    _hasData = true;
                    break;
                default:
                    var isData = _place == Place.Data;
                    var start = at;
                    var length = EndLine(bytes, ref at);
                    if (!isData || length == 0) break;
                    data = bytes.Slice(start, length);
                    return SsePiece.Data;
            }
        }
        return SsePiece.None;
    }

    /// <summary>True when the line that starts here is blank.</summary>
    private bool StartLine(ReadOnlySpan<byte> bytes, ref int at)
    {
        var secondHalf = _afterReturn && bytes[at] == '\n';
        _afterReturn = false;
        if (secondHalf)
        {
            at++;
            return false;
        }
        if (bytes[at] is not ((byte)'\r' or (byte)'\n'))
        {
            (_place, _matched) = (Place.Name, 0);
            return false;
        }
        EndLine(bytes, ref at);
        _hasData = false;
        return true;
    }

    /// <summary>Moves behind the line's end, or to the end of the span; answers how many bytes of the line there were.</summary>
    private int EndLine(ReadOnlySpan<byte> bytes, ref int at)
    {
        var length = bytes[at..].IndexOfAny((byte)'\r', (byte)'\n');
        if (length < 0)
        {
            length = bytes.Length - at;
            at = bytes.Length;
            return length;
        }
        at += length + 1;
        _place = Place.LineStart;
        if (bytes[at - 1] != '\r') return length;

        // A CR at the end of the span may have its LF in the next one.
        _afterReturn = at == bytes.Length;
        if (!_afterReturn && bytes[at] == '\n') at++;
        return length;
    }
}
