using System.Text.Json;
using AiPipe.Proxy.Apis;

namespace AiPipe.Proxy.Calls.Telemetry.Content;

/// <param name="System">A system instruction outside of the conversation (Responses, Gemini); empty = none.</param>
internal sealed record InputMessages(IReadOnlyList<GenAiMessage> Messages, IReadOnlyList<GenAiPart> System)
{
    public static InputMessages Parse(Api api, JsonElement body) => api switch
    {
        Api.ChatCompletions => new([.. body.Items("messages").Select(OpenAiParts.Message)], []),
        Api.Completions => new([.. body.Items("prompt").Where(IsText).Select(FromPrompt)], []),
        Api.Responses => new([.. body.Items("input").Select(OpenAiParts.Item)], body.Parts("instructions")),
        Api.GeminiGenerate => new(
            [.. body.Items("contents").Select(GeminiParts.Message)],
            body.Member("systemInstruction") is { } system ? GeminiParts.Read(system) : []),
        _ => new([], []),
    };

    private static GenAiMessage FromPrompt(JsonElement prompt) => new("user", [GenAiPart.FromText(prompt.GetString()!)]);

    private static bool IsText(JsonElement element) => element.ValueKind == JsonValueKind.String;
}
