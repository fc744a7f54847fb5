using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace AiPipe.Proxy.Providers.Demo;

/// <summary>Writes a JSON value that a JSON schema allows. Its texts are that of the prompt.</summary>
internal static class DemoSample
{
    /// <summary>Schemas may refer to themselves: what is deeper, or comes after so many values, is left out.</summary>
    private const int MaxDepth = 12, MaxValues = 500, MaxItems = 10;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="schema"><c>null</c> = any object.</param>
    public static string Create(JsonElement? schema, string text)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            if (schema is { ValueKind: JsonValueKind.Object } root) new Writer(json, root, text).Write(root, 0);
            else
            {
                json.WriteStartObject();
                json.WriteString("answer"u8, text);
                json.WriteEndObject();
            }
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private sealed class Writer(Utf8JsonWriter json, JsonElement root, string text)
    {
        private int _values;

        public void Write(JsonElement schema, int depth)
        {
            if (schema.ValueKind != JsonValueKind.Object || depth > MaxDepth || ++_values > MaxValues) json.WriteNullValue();
            else if (DemoRequest.Field(schema, "$ref")?.GetString() is { } path) Write(Resolve(path), depth + 1);
            else if (DemoRequest.Field(schema, "const") is { } value) value.WriteTo(json);
            else if (First(schema, "enum") is { } choice) choice.WriteTo(json);
            else if ((First(schema, "anyOf") ?? First(schema, "oneOf") ?? First(schema, "allOf")) is { } variant) Write(variant, depth + 1);
            else WriteOfType(schema, depth);
        }

        private void WriteOfType(JsonElement schema, int depth)
        {
            switch (TypeOf(schema))
            {
                case "object":
                    json.WriteStartObject();
                    if (DemoRequest.Field(schema, "properties") is { ValueKind: JsonValueKind.Object } properties)
                    {
                        foreach (var property in properties.EnumerateObject())
                        {
                            json.WritePropertyName(property.Name);
                            Write(property.Value, depth + 1);
                        }
                    }
                    json.WriteEndObject();
                    break;
                case "array":
                    json.WriteStartArray();
                    var count = Math.Clamp(Number(schema, "minItems") ?? 1, 1, Math.Min(MaxItems, Number(schema, "maxItems") ?? MaxItems));
                    for (var i = 0; i < count && DemoRequest.Field(schema, "items") is { } item; i++) Write(item, depth + 1);
                    json.WriteEndArray();
                    break;
                case "integer" or "number":
                    json.WriteNumberValue(Number(schema, "minimum") ?? Number(schema, "exclusiveMinimum") + 1
                        ?? Math.Min(1, Number(schema, "maximum") ?? 1));
                    break;
                case "boolean":
                    json.WriteBooleanValue(value: true);
                    break;
                case "null":
                    json.WriteNullValue();
                    break;
                default:
                    json.WriteStringValue(TextOf(schema));
                    break;
            }
        }

        private string TextOf(JsonElement schema) => DemoRequest.Field(schema, "format")?.GetString() switch
        {
            "date" => "2026-01-31",
            "time" => "12:00:00Z",
            "date-time" => "2026-01-31T12:00:00Z",
            "email" => "ann@example.com",
            "uri" => "https://example.com",
            "uuid" => "01890a5d-ac96-774b-bcce-b302099a8057",
            _ => Number(schema, "maxLength") is { } most and >= 0 && most < text.Length ? text[..(int)most] : text,
        };

        private JsonElement Resolve(string path)
        {
            var found = root;
            foreach (var name in path.TrimStart('#').Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                if (found.ValueKind != JsonValueKind.Object || DemoRequest.Field(found, name) is not { } inner) return default;
                found = inner;
            }
            return found;
        }

        private static string? TypeOf(JsonElement schema) => DemoRequest.Field(schema, "type") switch
        {
            { ValueKind: JsonValueKind.String } type => type.GetString(),
            { ValueKind: JsonValueKind.Array } types => types.EnumerateArray().Select(static type => type.GetString())
                .FirstOrDefault(static type => type != "null"),
            _ => DemoRequest.Field(schema, "properties") is null ? null : "object",
        };

        private static JsonElement? First(JsonElement schema, string name) =>
            DemoRequest.Field(schema, name) is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() > 0 ? list[0] : null;

        private static long? Number(JsonElement schema, string name) =>
            DemoRequest.Field(schema, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var value) ? value : null;
    }
}
