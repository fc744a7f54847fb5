using System.Text.Json;

namespace AiPipe.Proxy.Apis.Content;

/// <param name="Type">The type in the conventions: <c>text</c>, <c>tool_call</c>, <c>tool_call_response</c>, <c>blob</c>.</param>
/// <param name="Text">Text, a tool's arguments or its result; empty for images and audio, which are not captured.</param>
internal sealed record GenAiPart(string Type, string Field, string Text)
{
    private const string CutMark = "… (cut)";
    private const int Overhead = 32;

    public string? Id { get; init; }
    public string? Name { get; init; }
    /// <summary><c>image</c>, <c>audio</c> …</summary>
    public string? Modality { get; init; }

    public static GenAiPart FromText(string text) => new("text", "content", text);

    public static GenAiPart FromToolCall(string? id, string? name, string arguments) =>
        new("tool_call", "arguments", arguments) { Id = id, Name = name };

    public static GenAiPart FromToolResponse(string? id, string response) => new("tool_call_response", "response", response) { Id = id };

    public static GenAiPart FromMedia(string modality) => new("blob", "content", "") { Modality = modality };

    /// <returns>The size of the part before it was truncated, in characters.</returns>
    public int WriteTo(Utf8JsonWriter json, int characters)
    {
        json.WriteStartObject();
        json.WriteString("type", Type);
        if (Id is not null) json.WriteString("id", Cut(Id, characters));
        if (Name is not null) json.WriteString("name", Cut(Name, characters));
        if (Modality is not null) json.WriteString("modality", Modality);
        json.WriteString(Field, Cut(Text, characters));
        json.WriteEndObject();
        return Overhead + (Id?.Length ?? 0) + (Name?.Length ?? 0) + Text.Length;
    }

    private static string Cut(string text, int characters)
    {
        if (text.Length <= characters) return text;
        // Does not split a surrogate pair.
        var end = characters > 0 && char.IsHighSurrogate(text[characters - 1]) ? characters - 1 : characters;
        return text[..end] + CutMark;
    }
}
