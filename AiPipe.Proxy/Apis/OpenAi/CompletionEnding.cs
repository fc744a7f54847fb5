using System.Text.Json;
using AiPipe.Proxy.Apis.ResponseBody;
using AiPipe.Proxy.Metering;

namespace AiPipe.Proxy.Apis.OpenAi;

/// <summary>The last events of a stream of completions that is stopped.</summary>
internal static class CompletionEnding
{
    /// <param name="kind"><c>chat.completion.chunk</c> or <c>text_completion</c>.</param>
    public static ReadOnlyMemory<byte> Create(string kind, ResponseFacts facts, DateTimeOffset createdAt) =>
        StreamEnding.Create("data: "u8, json => WriteChunk(json, kind, facts, createdAt), "\n\ndata: [DONE]\n\n"u8);

    private static void WriteChunk(Utf8JsonWriter json, string kind, ResponseFacts facts, DateTimeOffset createdAt)
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

    private static void WriteEmptyObject(Utf8JsonWriter json, string name)
    {
        json.WriteStartObject(name);
        json.WriteEndObject();
    }
}
