using System.Buffers;

namespace AiPipe.Proxy.Metering.Scanning;

/// <summary>
/// Scans a JSON document in spans of any size and reports the values at watched positions. Everything else is skipped by counting brackets,
/// so nesting needs no memory. Malformed JSON never throws; it only yields less information.
/// </summary>
internal sealed class JsonFieldScanner(JsonPaths paths, IJsonFields fields)
{
    private static readonly SearchValues<byte> Structural = SearchValues.Create("\"{}[]"u8);
    private static readonly SearchValues<byte> ScalarBytes =
        SearchValues.Create("+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private readonly (JsonPaths.Node Node, bool IsArray)[] _open = new (JsonPaths.Node, bool)[paths.Depth];
    private SplitToken _token = new();
    private JsonPaths.Node? _place = paths.Root;
    private State _state;
    private Kept _kept;
    private bool _escaped;
    private bool _rootIsContainer;
    private int _depth;
    private long _skipped;

    private enum State : byte { Value, Name, Colon, String, Scalar, Skip, Done }

    private enum Kept : byte { Not, Name, Text, Value }

    /// <summary>True after the outermost bracket has closed.</summary>
    public bool IsComplete => _state == State.Done && _rootIsContainer;

    /// <summary>The index, in the span last read, after the last element of the outermost array; -1 if none ended.</summary>
    public int LastElementEnd { get; private set; } = -1;

    public void Reset()
    {
        (_place, _state, _depth, _skipped, _escaped, _rootIsContainer) = (paths.Root, State.Value, 0, 0, false, false);
        LastElementEnd = -1;
    }

    public void Read(ReadOnlySpan<byte> json)
    {
        LastElementEnd = -1;
        var at = 0;
        while (at < json.Length)
        {
            at = _state switch
            {
                State.Value => BeforeValue(json[at], at),
                State.Name => BeforeName(json[at], at),
                State.Colon => BeforeColon(json[at], at),
                State.String => InString(json, at),
                State.Scalar => InScalar(json, at),
                State.Skip => InSkipped(json, at),
                _ => json.Length,
            };
        }
    }

    private int BeforeValue(byte next, int at)
    {
        switch (next)
        {
            case (byte)'"':
                Begin(State.String, _place?.Field switch { null or Field.None => Kept.Not, Field.Text => Kept.Text, _ => Kept.Value });
                break;
            case (byte)'{':
                Open(watched: _place is { HasMembers: true }, isArray: false);
                break;
            case (byte)'[':
                Open(watched: _place is { Element: not null }, isArray: true);
                break;
            case (byte)'}' or (byte)']':
                Close(at + 1);
                break;
            case (byte)'-' or (>= (byte)'0' and <= (byte)'9') or (>= (byte)'a' and <= (byte)'z'):
                Begin(State.Scalar, _place?.Field is null or Field.None or Field.Text ? Kept.Not : Kept.Value);
                return at;
        }
        return at + 1;
    }

    private int BeforeName(byte next, int at)
    {
        if (next == '"') Begin(State.String, Kept.Name);
        else if (next is (byte)'}' or (byte)']') Close(at + 1);
        else if (next is (byte)'{' or (byte)'[') (_state, _skipped) = (State.Skip, 1);
        return at + 1;
    }

    private int BeforeColon(byte next, int at)
    {
        if (next == ':') _state = State.Value;
        else BeforeName(next, at);
        return at + 1;
    }

    private int InString(ReadOnlySpan<byte> json, int at)
    {
        var start = at;
        if (_escaped) at++;
        _escaped = false;
        while (true)
        {
            var stop = json[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (stop < 0) break;
            at += stop;
            if (json[at] == '"')
            {
                EndString(json[start..at]);
                return at + 1;
            }
            _escaped = at + 1 == json.Length;
            if (_escaped) break;
            at += 2;
        }
        return Hold(json[start..], json.Length);
    }

    private int InScalar(ReadOnlySpan<byte> json, int at)
    {
        var length = json[at..].IndexOfAnyExcept(ScalarBytes);
        if (length < 0) return Hold(json[at..], json.Length);
        if (_kept == Kept.Value && _token.Whole(json.Slice(at, length), out var token)) fields.Scalar(_place!.Field, token);
        AfterValue();
        return at + length;
    }

    private int InSkipped(ReadOnlySpan<byte> json, int at)
    {
        var stop = json[at..].IndexOfAny(Structural);
        if (stop < 0) return json.Length;
        at += stop;
        if (json[at] == '"') Begin(State.String, Kept.Not);
        else if (json[at] is (byte)'{' or (byte)'[') _skipped++;
        else if (--_skipped == 0) AfterValue();
        return at + 1;
    }

    private void Begin(State state, Kept kept)
    {
        (_state, _kept) = (state, kept);
        _token.Begin();
    }

    private void Open(bool watched, bool isArray)
    {
        _rootIsContainer |= _depth == 0;
        if (!watched)
        {
            (_state, _skipped) = (State.Skip, 1);
            return;
        }
        _open[_depth++] = (_place!, isArray);
        if (!isArray && _place!.Field != Field.None) fields.Opened(_place.Field);
        (_state, _place) = isArray ? (State.Value, _place!.Element) : (State.Name, null);
    }

    private void Close(int end)
    {
        if (_depth == 0) return;
        var (node, isArray) = _open[--_depth];
        if (!isArray && node.Field != Field.None) fields.Closed(node.Field);
        if (_depth == 1 && _open[0].IsArray) LastElementEnd = end;
        AfterValue();
    }

    private void EndString(ReadOnlySpan<byte> rest)
    {
        if (_kept == Kept.Name)
        {
            _place = _token.Whole(rest, out var name) ? _open[_depth - 1].Node.Member(name) : null;
            _state = State.Colon;
            return;
        }
        if (_kept == Kept.Text && rest.Length > 0) fields.Text(rest);
        else if (_kept == Kept.Value && _token.Whole(rest, out var content)) fields.String(_place!.Field, content);
        AfterValue();
    }

    private void AfterValue()
    {
        if (_skipped > 0) _state = State.Skip;
        else if (_depth == 0) _state = State.Done;
        else (_state, _place) = _open[_depth - 1] is (var node, true) ? (State.Value, node.Element) : (State.Name, null);
    }

    /// <summary>Counts or stores a token that continues in the next span; returns its end in this one.</summary>
    private int Hold(ReadOnlySpan<byte> part, int end)
    {
        if (_kept == Kept.Text && part.Length > 0) fields.Text(part);
        if (_kept is Kept.Name or Kept.Value) _token.Hold(part);
        return end;
    }
}
