namespace AiPipe.Proxy.Metering.Scanning;

internal enum SsePiece
{
    None,
    /// <summary>Part of the event's data; an event can have several.</summary>
    Data,
    EventEnd,
}

/// <summary>
/// Parses server-sent events without buffering them (https://html.spec.whatwg.org/multipage/server-sent-events.html). Lines end with LF,
/// CRLF or CR; several data lines are one value with newlines between; comments and other fields are skipped, but for the name of errors.
/// </summary>
internal sealed class SseEvents
{
    private Place _place;
    private int _matched;
    private bool _afterReturn;
    private bool _hasData;
    private bool _isError;

    private enum Place : byte { LineStart, Name, Space, Data, ErrorLine, Other }

    private static ReadOnlySpan<byte> DataName => "data:"u8;
    private static ReadOnlySpan<byte> ErrorLine => "event:error"u8;

    /// <summary>True if the event that ended is named <c>error</c>; at most once for each.</summary>
    public bool TakeError()
    {
        var isError = _isError;
        _isError = false;
        return isError;
    }

    /// <summary>Scans from <paramref name="at"/> to the next piece and moves <paramref name="at"/> past it.</summary>
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
                case Place.Name when _matched == 0 && bytes[at] == ErrorLine[0]:
                    _place = Place.ErrorLine;
                    break;
                case Place.ErrorLine when _matched < ErrorLine.Length && bytes[at] == ErrorLine[_matched]:
                    (at, _matched) = (at + 1, _matched + 1);
                    break;
                case Place.ErrorLine when _matched == "event:".Length && bytes[at] == ' ':
                    at++;
                    break;
                case Place.ErrorLine:
                    _isError |= _matched == ErrorLine.Length && bytes[at] is (byte)'\r' or (byte)'\n';
                    _place = Place.Other;
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

    /// <summary>Moves past the line break or to the end of the span; returns the number of bytes of the line.</summary>
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

        // The LF of a CRLF may be in the next span.
        _afterReturn = at == bytes.Length;
        if (!_afterReturn && bytes[at] == '\n') at++;
        return length;
    }
}
