using System.Text.Json;
using AiPipe.Proxy.Apis.Content;

namespace AiPipe.Proxy.Apis.OpenAi;

internal static class OpenAiContent
{
    private const string Assistant = "assistant";

    public static GenAiMessage Message(JsonElement message)
    {
        var role = message.Text("role") ?? Assistant;
        if (role == "tool") return new(role, [GenAiPart.FromToolResponse(message.Text("tool_call_id"), message.Raw("content"))]);
        return new(role, [.. Parts(message, "content"), .. Parts(message, "refusal"), .. message.Items("tool_calls").Select(ToolCall)]);
    }

    public static GenAiMessage Item(JsonElement item) => item.ValueKind == JsonValueKind.String
        ? new("user", [GenAiPart.FromText(item.GetString()!)])
        : item.Text("type") switch
        {
            "function_call" => new(Assistant, [GenAiPart.FromToolCall(item.Text("call_id"), item.Text("name"), item.Raw("arguments"))]),
            "function_call_output" => new("tool", [GenAiPart.FromToolResponse(item.Text("call_id"), item.Raw("output"))]),
            "reasoning" => new(Assistant, Parts(item, "summary")),
            _ => new(item.Text("role") ?? Assistant, Parts(item, "content")),
        };

    /// <summary>A message's content: a string, or an array of typed parts.</summary>
    public static List<GenAiPart> Parts(JsonElement element, string name)
    {
        var parts = element.Items(name).Where(static part => part.ValueKind is JsonValueKind.String or JsonValueKind.Object);
        return [.. parts.Select(Part)];
    }

    /// <summary>A part of a message's content. Of images, audio and files, only the type is captured.</summary>
    private static GenAiPart Part(JsonElement part)
    {
        if (part.ValueKind == JsonValueKind.String) return GenAiPart.FromText(part.GetString()!);
        if ((part.Text("text") ?? part.Text("refusal")) is { } text) return GenAiPart.FromText(text);
        var type = part.Text("type") ?? "";
        if (type.Contains("image", StringComparison.Ordinal)) return GenAiPart.FromMedia("image");
        return GenAiPart.FromMedia(type.Contains("audio", StringComparison.Ordinal) ? "audio" : "file");
    }

    private static GenAiPart ToolCall(JsonElement call) =>
        GenAiPart.FromToolCall(call.Text("id"), call.Member("function")?.Text("name"), call.Member("function")?.Raw("arguments") ?? "");
}
