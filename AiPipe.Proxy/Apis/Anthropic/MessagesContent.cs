using System.Text.Json;
using AiPipe.Proxy.Apis.Content;

namespace AiPipe.Proxy.Apis.Anthropic;

internal static class MessagesContent
{
    public static GenAiMessage Message(JsonElement message, string role)
    {
        var parts = Read(message, "content");
        // The results of tools arrive in messages of the user.
        return new(parts.Count > 0 && parts.TrueForAll(static part => part.Type == "tool_call_response") ? "tool" : role, parts);
    }

    /// <summary>Content: a string, or an array of typed blocks.</summary>
    public static List<GenAiPart> Read(JsonElement element, string name) =>
        [.. element.Items(name).Select(Part).OfType<GenAiPart>()];

    /// <summary>A block; <c>null</c> if it has nothing to read. Of images and documents, only the type is captured.</summary>
    public static GenAiPart? Part(JsonElement block)
    {
        if (block.ValueKind == JsonValueKind.String) return GenAiPart.FromText(block.GetString()!);
        if ((block.Text("text") ?? block.Text("thinking")) is { } text) return text.Length == 0 ? null : GenAiPart.FromText(text);
        return block.Text("type") switch
        {
            "tool_use" or "server_tool_use" => GenAiPart.FromToolCall(block.Text("id"), block.Text("name"), block.Raw("input")),
            { } type when type.EndsWith("tool_result", StringComparison.Ordinal) =>
                GenAiPart.FromToolResponse(block.Text("tool_use_id"), block.Raw("content")),
            "image" => GenAiPart.FromMedia("image"),
            "document" => GenAiPart.FromMedia("file"),
            _ => null,
        };
    }
}
