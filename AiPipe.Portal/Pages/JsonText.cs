using System.Text.Encodings.Web;
using System.Text.Json;

namespace AiPipe.Portal.Pages;

/// <summary>Writes JSON for pages, without escapes, because Razor encodes the whole text.</summary>
internal static class JsonText
{
    private static readonly JsonSerializerOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions Indented = new(OneLine) { WriteIndented = true };

    /// <summary>One line; a string without its quotes, and nothing for <c>null</c>.</summary>
    public static string Line(JsonElement? value) => value switch
    {
        null => "",
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { } other => JsonSerializer.Serialize(other, OneLine),
    };

    /// <summary>Indented, for editing.</summary>
    public static string Lines(JsonElement value) => JsonSerializer.Serialize(value, Indented);
}
