using System.Buffers;
using System.Text.Json;
using AiPipe.Proxy.Metering;

namespace AiPipe.Proxy.Apis.Responses;

/// <summary>
/// Ends a stream that is stopped between two events, in the provider's format: the output limit is reached, without usage.
/// </summary>
internal static class StreamEnding
{
    /// <param name="mediaType">The content type; anything but an event stream is a JSON array of events.</param>
    internal static ReadOnlyMemory<byte> For(Api api, string? mediaType, ResponseFacts facts, DateTimeOffset createdAt)
    {
        var isEventStream = UsageReaders.IsEventStream(mediaType);
        return (api, isEventStream) switch
        {
            (Api.ChatCompletions, true) =>
                Bytes("data: "u8, json => Chunk(json, "chat.completion.chunk", facts, createdAt), "\n\ndata: [DONE]\n\n"u8),
            (Api.Completions, true) =>
                Bytes("data: "u8, json => Chunk(json, "text_completion", facts, createdAt), "\n\ndata: [DONE]\n\n"u8),
            (Api.Responses, true) => Bytes("event: response.incomplete\ndata: "u8, json => Incomplete(json, facts, createdAt), "\n\n"u8),
            (Api.GeminiGenerate, true) => Bytes("data: "u8, json => MaxTokens(json, facts), "\r\n\r\n"u8),
            (Api.GeminiGenerate, false) => Bytes(",\r\n"u8, json => MaxTokens(json, facts), "\r\n]"u8),
            _ => default,
        };
    }

    private static ReadOnlyMemory<byte> Bytes(ReadOnlySpan<byte> before, Action<Utf8JsonWriter> write, ReadOnlySpan<byte> after)
    {
        var bytes = new ArrayBufferWriter<byte>();
        bytes.Write(before);
        using (var json = new Utf8JsonWriter(bytes)) write(json);
        bytes.Write(after);
        return bytes.WrittenMemory;
    }

    private static void Chunk(Utf8JsonWriter json, string kind, ResponseFacts facts, DateTimeOffset createdAt)
    {
        json.WriteStartObject();
        json.WriteString("id", facts.Id ?? "");
        json.WriteString("object", kind);
        json.WriteNumber("created", createdAt.ToUnixTimeSeconds());
        json.WriteString("model", facts.Model ?? "");
        json.WriteStartArray("choices");
        json.WriteStartObject();
        json.WriteNumber("index", 0);
        if (kind is "text_completion") json.WriteString("text", "");
        else WriteEmptyObject(json, "delta");
        json.WriteNull("logprobs");
        json.WriteString("finish_reason", "length");
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Incomplete(Utf8JsonWriter json, ResponseFacts facts, DateTimeOffset createdAt)
    {
        json.WriteStartObject();
        json.WriteString("type", "response.incomplete");
        json.WriteStartObject("response");
        json.WriteString("id", facts.Id ?? "");
        json.WriteString("object", "response");
        json.WriteNumber("created_at", createdAt.ToUnixTimeSeconds());
        json.WriteString("status", "incomplete");
        json.WriteNull("error");
        json.WriteStartObject("incomplete_details");
        json.WriteString("reason", "max_output_tokens");
        json.WriteEndObject();
        json.WriteString("model", facts.Model ?? "");
        json.WriteStartArray("output");
        json.WriteEndArray();
        json.WriteNull("usage");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void MaxTokens(Utf8JsonWriter json, ResponseFacts facts)
    {
        json.WriteStartObject();
        json.WriteStartArray("candidates");
        json.WriteStartObject();
        json.WriteStartObject("content");
        json.WriteStartArray("parts");
        json.WriteStartObject();
        json.WriteString("text", "");
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteString("role", "model");
        json.WriteEndObject();
        json.WriteString("finishReason", "MAX_TOKENS");
        json.WriteNumber("index", 0);
        json.WriteEndObject();
        json.WriteEndArray();
        if (facts.Model is not null) json.WriteString("modelVersion", facts.Model);
        if (facts.Id is not null) json.WriteString("responseId", facts.Id);
        json.WriteEndObject();
    }

    private static void WriteEmptyObject(Utf8JsonWriter json, string name)
    {
        json.WriteStartObject(name);
        json.WriteEndObject();
    }
}
