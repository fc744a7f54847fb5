using System.Text.Encodings.Web;
using System.Text.Json;

namespace AiPipe.Portal.Pages;

/// <summary>How pages write JSON: with every letter as it is, for what stands in a page's text is encoded as a whole.</summary>
internal static class JsonText
{
    private static readonly JsonSerializerOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions Indented = new(OneLine) { WriteIndented = true };

    /// <summary>In one line; a text without its quotes, nothing for nothing.</summary>
    public static string Line(JsonElement? value) => value switch
    {
        null => "",
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { } other => JsonSerializer.Serialize(other, OneLine),
    };

    /// <summary>In lines, to be read and changed.</summary>
    public static string Lines(JsonElement value) => JsonSerializer.Serialize(value, Indented);
}
