using System.Text.Json;
using System.Text.Json.Serialization;

namespace AiPipe.Contracts;

/// <summary>Texts to compare by their embeddings: <c>POST /similarity</c>.</summary>
public sealed record SimilarityRequest
{
    // Settable, because generated readers forget the defaults of properties that are init-only.

    /// <summary>The documents; documents and topics are 2048 texts at most.</summary>
    public IReadOnlyList<SimilarityText> Docs { get; set; } = [];
    /// <summary>What the documents are compared with; absent = with each other.</summary>
    public IReadOnlyList<SimilarityText>? Topics { get; set; }
    /// <summary>The embedding model.</summary>
    public string Model { get; set; } = "text-embedding-3-small";
    /// <summary>Decimal places of the result, 0 to 15.</summary>
    public int Precision { get; set; } = 5;
}

/// <summary>A document or topic: <c>"text"</c> or <c>{"type": "text", "value": "text"}</c>.</summary>
/// <param name="Type"><c>text</c>, or what the caller wrote instead.</param>
/// <param name="Value"><c>null</c> where it is missing or not a text.</param>
[JsonConverter(typeof(SimilarityTextConverter))]
public sealed record SimilarityText(string? Type, string? Value);

/// <summary>The similarity of every document to every topic.</summary>
/// <param name="Model">The embedding model.</param>
/// <param name="Similarity">One row for each document, one number for each topic, from -1 to 1.</param>
/// <param name="Tokens">What the provider reported; <c>null</c> where it reported nothing.</param>
public sealed record SimilarityResponse(
    string Model, IReadOnlyList<IReadOnlyList<double>> Similarity,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] long? Tokens);

/// <summary>Reads both forms of <see cref="SimilarityText"/>.</summary>
internal sealed class SimilarityTextConverter : JsonConverter<SimilarityText>
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

    public override void Write(Utf8JsonWriter writer, SimilarityText value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Value);
}
