using System.Text.Json;

namespace AiPipe.Proxy.Providers.Demo;

/// <summary>Implements https://platform.openai.com/docs/api-reference/models.</summary>
internal static class DemoModels
{
    private const string Root = "/v1/models";
    private static readonly string[] All = ["demo", "demo-mini", "demo-embed"];

    public static (HttpContent? Content, DemoError? Error) Answer(string path)
    {
        if (path == Root) return (DemoJson.Body(WriteAll), null);
        if (!path.StartsWith(Root + "/", StringComparison.Ordinal)) return (
            null, DemoError.NotFound($"The demo provider has nothing at GET {path}."));
        var id = Uri.UnescapeDataString(path[(Root.Length + 1)..]);
        return All.Contains(id, StringComparer.Ordinal) ? (DemoJson.Body(json => Write(json, id)), null) : (null, DemoError.NoModel());
    }

    private static void WriteAll(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("object"u8, "list"u8);
        json.WriteStartArray("data"u8);
        foreach (var id in All) Write(json, id);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string id)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, id);
        json.WriteString("object"u8, "model"u8);
        json.WriteNumber("created"u8, 1_780_000_000);
        json.WriteString("owned_by"u8, "aipipe"u8);
        json.WriteEndObject();
    }
}
