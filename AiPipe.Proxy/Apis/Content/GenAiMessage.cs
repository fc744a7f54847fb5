using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace AiPipe.Proxy.Apis.Content;

/// <summary>A message in the format of <c>gen_ai.input.messages</c> and <c>gen_ai.output.messages</c>.</summary>
/// <param name="Role"><c>system</c>, <c>user</c>, <c>assistant</c> or <c>tool</c>.</param>
/// <param name="FinishReason">Why the model ended this output; <c>null</c> for input.</param>
internal sealed record GenAiMessage(string Role, IReadOnlyList<GenAiPart> Parts, string? FinishReason = null)
{
    /// <summary>The maximum size of an attribute, in bytes of UTF-8.</summary>
    public const int MaxBytes = 32 * 1024;

    // Attributes are not HTML, so non-ASCII characters stay readable.
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the newest messages that fit into <see cref="MaxBytes"/>; truncates a single message that does not fit.</summary>
    public static string Serialize(IReadOnlyList<GenAiMessage> messages)
    {
        var fitting = new List<string>();
        var left = MaxBytes - "[]".Length;
        for (var i = messages.Count - 1; i >= 0; i--)
        {
            var json = fitting.Count == 0 ? messages[i].Cut(left) : Write(messages[i].WriteTo, MaxBytes);
            left -= Encoding.UTF8.GetByteCount(json) + ",".Length;
            if (left < 0 && fitting.Count > 0) break;
            fitting.Insert(0, json);
        }
        return $"[{string.Join(',', fitting)}]";
    }

    public static string SerializeParts(IReadOnlyList<GenAiPart> parts)
    {
        for (var most = MaxBytes / 2; ; most /= 2)
        {
            var json = Write((writer, characters) => WriteParts(writer, parts, characters), most);
            if (Encoding.UTF8.GetByteCount(json) <= MaxBytes) return json;
        }
    }

    // JSON escapes lengthen the text, so shorter texts are tried until the JSON fits.
    private string Cut(int bytes)
    {
        for (var most = MaxBytes / 2; ; most /= 2)
        {
            var json = Write(WriteTo, most);
            if (Encoding.UTF8.GetByteCount(json) <= bytes) return json;
        }
    }

    private static string Write(Action<Utf8JsonWriter, int> write, int characters)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Plain)) write(json, characters);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private void WriteTo(Utf8JsonWriter json, int characters)
    {
        json.WriteStartObject();
        json.WriteString("role", Role);
        json.WritePropertyName("parts");
        WriteParts(json, Parts, characters);
        if (FinishReason is not null) json.WriteString("finish_reason", FinishReason);
        json.WriteEndObject();
    }

    private static void WriteParts(Utf8JsonWriter json, IReadOnlyList<GenAiPart> parts, int characters)
    {
        json.WriteStartArray();
        foreach (var part in parts)
        {
            if (characters <= 0) break;
            characters -= part.WriteTo(json, characters);
        }
        json.WriteEndArray();
    }
}
