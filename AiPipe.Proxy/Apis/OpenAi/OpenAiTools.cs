using System.Text.Json;
using AiPipe.Proxy.Apis.RequestBody;
using AiPipe.Proxy.Errors;

namespace AiPipe.Proxy.Apis.OpenAi;

/// <summary>Reads OpenAI's list of tools: each is an object with a field <c>type</c>.</summary>
internal static class OpenAiTools
{
    private static readonly HashSet<string> RunByCaller = new(StringComparer.Ordinal)
    {
        "function", "custom", "local_shell", "apply_patch", "computer_use_preview",
    };

    /// <summary>Of <c>type</c>, every letter of which may be an escape.</summary>
    private const int LongestName = 24;

    /// <param name="allowsSearch">True if the number of web searches is metered.</param>
    public static Refusal? Read(ref Utf8JsonReader json, InputMeasure input, bool allowsSearch)
    {
        if (json.TokenType == JsonTokenType.Null) return null;
        if (json.TokenType != JsonTokenType.StartArray) return ToolRefusals.NotAList();
        while (json.Read() && json.TokenType == JsonTokenType.StartObject)
        {
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var isKind = json.ValueTextEquals("type"u8);
                // Some providers ignore case, and would run another tool than the one that is checked here.
                if (!isKind && json.ValueSpan.Length <= LongestName && "type".Equals(json.GetString(), StringComparison.OrdinalIgnoreCase))
                    return Refusal.DuplicateField("tools[].type");
                json.Read();
                if (isKind && Check(json.TokenType == JsonTokenType.String ? json.GetString()! : "", input, allowsSearch) is { } refusal)
                    return refusal;
                json.Skip();
            }
        }
        return json.TokenType == JsonTokenType.EndArray ? null : ToolRefusals.NotAList();
    }

    private static Refusal? Check(string kind, InputMeasure input, bool allowsSearch)
    {
        if (RunByCaller.Contains(kind)) return null;
        if (!allowsSearch || !kind.StartsWith("web_search", StringComparison.Ordinal)) return ToolRefusals.NotMetered(kind);
        input.AddWebSearch();
        return null;
    }
}
