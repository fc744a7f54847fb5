using System.Text.Json;
using System.Text.Json.Serialization;

namespace AiPipe.Proxy.Compatibility.OriginalAiPipe.Similarity;

/// <summary>A document or topic: <c>"text"</c> or <c>{"type": "text", "value": "text"}</c>.</summary>
/// <param name="Type"><c>text</c>, or what the caller wrote instead.</param>
/// <param name="Value"><c>null</c> when it is missing or no text.</param>
[JsonConverter(typeof(Converter))]
internal sealed record SimilarityText(string? Type, string? Value)
{
    internal sealed class Converter : JsonConverter<SimilarityText>
    {
        public override SimilarityText Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType == JsonTokenType.String) return new("text", reader.GetString());
            if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException();
            var (type, value) = ((string?)"text", (string?)null);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var (isType, isValue) = (reader.ValueTextEquals("type"u8), reader.ValueTextEquals("value"u8));
                reader.Read();
                var text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                if (isType) type = text;
                if (isValue) value = text;
                reader.Skip();
            }
            return new(type, value);
        }

        public override void Write(Utf8JsonWriter writer, SimilarityText value, JsonSerializerOptions options) => throw new NotSupportedException();
    }
}
