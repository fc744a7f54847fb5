using System.Text.Json;
using AiPipe.Proxy.Apis.Content;

namespace AiPipe.Proxy.Apis.Gemini;

internal static class GeminiContent
{
    public static GenAiMessage Message(JsonElement content) => new(content.Text("role") is "model" ? "assistant" : "user", Read(content));

    public static List<GenAiPart> Read(JsonElement content) => [.. content.Items("parts").Select(Part)];

    public static GenAiPart Part(JsonElement part)
    {
        if (part.Text("text") is { } text) return GenAiPart.FromText(text);
        if (part.Member("functionCall") is { } call) return GenAiPart.FromToolCall(call.Text("id"), call.Text("name"), call.Raw("args"));
        if (part.Member("functionResponse") is { } response)
            return GenAiPart.FromToolResponse(response.Text("id"), response.Raw("response"));
        var media = part.Member("inlineData") ?? part.Member("fileData");
        return GenAiPart.FromMedia(media?.Text("mimeType")?.Split('/')[0] ?? "file");
    }
}
