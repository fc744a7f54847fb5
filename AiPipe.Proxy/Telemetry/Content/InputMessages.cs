using System.Text.Json;
using AiPipe.Proxy.Journey.Backends;

namespace AiPipe.Proxy.Telemetry.Content;

/// <summary>Reads the messages of a request, whatever API it is written for.</summary>
/// <param name="Messages">The conversation.</param>
/// <param name="System">A system instruction that stands outside of it (Responses, Gemini); empty where there is none.</param>
internal sealed record InputMessages(IReadOnlyList<GenAiMessage> Messages, IReadOnlyList<GenAiPart> System)
{
    /// <summary>The messages in a request's body.</summary>
    /// <exception cref="InvalidOperationException">A field is of another kind than its API says, or a string is not valid Unicode.</exception>
    public static InputMessages Parse(Api api, JsonElement body) => api switch
    {
        Api.ChatCompletions => new([.. body.Items("messages").Select(OpenAiParts.Message)], []),
        Api.Completions => new([.. body.Items("prompt").Where(IsText).Select(prompt => new GenAiMessage("user", [GenAiPart.FromText(prompt.GetString()!)]))], []),
        Api.Responses => new([.. body.Items("input").Select(OpenAiParts.Item)], body.Parts("instructions")),
        Api.GeminiGenerate => new(
            [.. body.Items("contents").Select(GeminiParts.Message)],
            body.Member("systemInstruction") is { } system ? GeminiParts.Read(system) : []),
        _ => new([], []),
    };

    private static bool IsText(JsonElement element) => element.ValueKind == JsonValueKind.String;
}
