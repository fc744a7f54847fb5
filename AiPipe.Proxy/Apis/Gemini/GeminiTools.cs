using System.Text.Json;
using AiPipe.Proxy.Apis.RequestBody;
using AiPipe.Proxy.Errors;

namespace AiPipe.Proxy.Apis.Gemini;

/// <summary>Reads Gemini's list of tools: each is an object whose field names are the kinds of tools.</summary>
internal static class GeminiTools
{
    private static readonly HashSet<string> RunByCaller = new(StringComparer.Ordinal) { "functionDeclarations", "function_declarations" };

    /// <summary>Billed in tokens only; they make the input longer than what was sent.</summary>
    private static readonly HashSet<string> BilledInTokens = new(StringComparer.Ordinal)
    {
        "codeExecution", "code_execution", "urlContext", "url_context",
    };

    public static Refusal? Read(ref Utf8JsonReader json, InputMeasure input)
    {
        if (json.TokenType == JsonTokenType.Null) return null;
        // Google also accepts a single object instead of a list.
        if (json.TokenType == JsonTokenType.StartObject) return ReadTool(ref json, input);
        if (json.TokenType != JsonTokenType.StartArray) return ToolRefusals.NotAList();
        while (json.Read() && json.TokenType == JsonTokenType.StartObject)
        {
            if (ReadTool(ref json, input) is { } refusal) return refusal;
        }
        return json.TokenType == JsonTokenType.EndArray ? null : ToolRefusals.NotAList();
    }

    private static Refusal? ReadTool(ref Utf8JsonReader json, InputMeasure input)
    {
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var kind = json.GetString()!;
            if (BilledInTokens.Contains(kind)) input.RefersElsewhere = true;
            else if (!RunByCaller.Contains(kind)) return ToolRefusals.NotMetered(kind);
            json.Read();
            json.Skip();
        }
        return null;
    }
}
