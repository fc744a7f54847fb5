using System.Buffers.Text;
using AiPipe.Proxy.Apis.ResponseBody;
using AiPipe.Proxy.Metering;
using AiPipe.Proxy.Metering.Scanning;

namespace AiPipe.Proxy.Apis.Anthropic;

/// <summary>
/// Anthropic's messages: one object, or events (https://platform.claude.com/docs/en/build-with-claude/streaming). The first event reports
/// the input, and later ones replace single counts of it. The tier of a call is not read: all tiers have the same prices per token
/// (https://platform.claude.com/docs/en/api/service-tiers).
/// </summary>
internal sealed class MessagesResponse() : ApiResponse(Places)
{
    private static readonly string[] Envelopes = ["", "message."];

    private static readonly JsonPaths Places = JsonPaths.Create(
    [
        .. UsagePlaces.In(),
        // The output in the first event is a placeholder.
        .. UsagePlaces.InputIn("message."),
        .. JsonPaths.Under(Envelopes,
            ("id", Field.Id),
            ("model", Field.Model),
            ("stop_reason", Field.FinishReason)),
        ("delta.stop_reason", Field.FinishReason),
        ("index", Field.Index),
        ("delta.text", Field.Text),
        ("delta.thinking", Field.Text),
        ("delta.partial_json", Field.Text),
        .. JsonPaths.Under(["content_block.", "content[]."],
            ("text", Field.Text),
            ("thinking", Field.Text),
            ("data", Field.Text),
            ("name", Field.Text)),
        // In a stream, it is empty here and arrives as partial JSON.
        ("content[].input", Field.Media),
    ]);

    private EventKind _event;
    private int _index;
    private int? _openBlock;
    private bool _isUnderWay;

    private enum EventKind : byte { Other, MessageStart, BlockStart, BlockStop, MessageStop }

    public override ResponseFacts Facts =>
        _isUnderWay ? base.Facts with { Position = new StreamPosition(_openBlock, Output.LikelyTokens) } : base.Facts;

    protected override bool ReportsAddUp => true;

    public override void String(Field field, ReadOnlySpan<byte> content)
    {
        if (field == Field.Type) _event = KindOf(content);
        base.String(field, content);
    }

    public override void Scalar(Field field, ReadOnlySpan<byte> json)
    {
        if (field != Field.Index) base.Scalar(field, json);
        else if (Utf8Parser.TryParse(json, out int index, out _)) _index = index;
    }

    public override void EventEnded()
    {
        if (_event == EventKind.MessageStart) _isUnderWay = true;
        else if (_event == EventKind.BlockStart) _openBlock = _index;
        else if (_event == EventKind.BlockStop) _openBlock = null;
        else if (_event == EventKind.MessageStop) (SawEnd, _isUnderWay) = (true, false);
        _event = EventKind.Other;
        base.EventEnded();
    }

    private static EventKind KindOf(ReadOnlySpan<byte> type)
    {
        if (type.SequenceEqual("content_block_start"u8)) return EventKind.BlockStart;
        if (type.SequenceEqual("content_block_stop"u8)) return EventKind.BlockStop;
        if (type.SequenceEqual("message_start"u8)) return EventKind.MessageStart;
        return type.SequenceEqual("message_stop"u8) ? EventKind.MessageStop : EventKind.Other;
    }
}
