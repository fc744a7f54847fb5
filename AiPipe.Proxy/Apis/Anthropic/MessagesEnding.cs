using AiPipe.Proxy.Apis.ResponseBody;
using AiPipe.Proxy.Metering;

namespace AiPipe.Proxy.Apis.Anthropic;

/// <summary>The last events of a stream of messages that is stopped: the open block, the reason and the message are ended.</summary>
internal static class MessagesEnding
{
    public static ReadOnlyMemory<byte> Create(StreamPosition position) =>
        (byte[])[.. BlockStop(position).Span, .. MessageDelta(position).Span, .. MessageStop];

    private static ReadOnlySpan<byte> MessageStop => "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"u8;

    private static ReadOnlyMemory<byte> BlockStop(StreamPosition position) => position.OpenBlock is not { } index ? default
        : StreamEnding.Create("event: content_block_stop\ndata: "u8, json =>
        {
            json.WriteStartObject();
            json.WriteString("type", "content_block_stop");
            json.WriteNumber("index", index);
            json.WriteEndObject();
        }, "\n\n"u8);

    /// <summary>Anthropic's SDKs require a usage here; it is the count, not the charge.</summary>
    private static ReadOnlyMemory<byte> MessageDelta(StreamPosition position) =>
        StreamEnding.Create("event: message_delta\ndata: "u8, json =>
        {
            json.WriteStartObject();
            json.WriteString("type", "message_delta");
            json.WriteStartObject("delta");
            json.WriteString("stop_reason", "max_tokens");
            json.WriteNull("stop_sequence");
            json.WriteEndObject();
            json.WriteStartObject("usage");
            json.WriteNumber("output_tokens", position.OutputTokens);
            json.WriteEndObject();
            json.WriteEndObject();
        }, "\n\n"u8);
}
