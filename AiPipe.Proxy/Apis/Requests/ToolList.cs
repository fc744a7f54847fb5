using System.Text.Json;
using AiPipe.Proxy.Errors;

namespace AiPipe.Proxy.Apis.Requests;

/// <summary>Checks a request's tools. Those that the provider runs cost extra, and are allowed only if that extra is metered.</summary>
internal static class ToolList
{
    /// <summary>Searches per response if the request does not limit its tool calls; added to the request then.</summary>
    public const int MaxWebSearches = 3;

    private static readonly HashSet<string> RunByCaller = new(StringComparer.Ordinal)
    {
        "function", "custom", "local_shell", "apply_patch", "computer_use_preview",
        "functionDeclarations", "function_declarations",
    };

    /// <summary>Provider tools that are billed in tokens only; they make the input longer than what was sent.</summary>
    private static readonly HashSet<string> BilledInTokens = new(StringComparer.Ordinal)
    {
        "codeExecution", "code_execution", "urlContext", "url_context",
    };

    public static Refusal? Read(ref Utf8JsonReader json, Api api, InputMeasure input)
    {
        if (json.TokenType == JsonTokenType.Null) return null;
        // Google also accepts a single object instead of a list.
        var isOne = api == Api.GeminiGenerate && json.TokenType == JsonTokenType.StartObject;
        if (!isOne && json.TokenType != JsonTokenType.StartArray) return NotAList();
        while (isOne || (json.Read() && json.TokenType == JsonTokenType.StartObject))
        {
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var isKind = api == Api.GeminiGenerate || json.ValueTextEquals("type"u8);
                var kind = isKind ? json.GetString() : null;
                json.Read();
                if (isKind && api != Api.GeminiGenerate) kind = json.TokenType == JsonTokenType.String ? json.GetString() : "";
                if (kind is not null && Check(kind, api, input) is { } refusal) return refusal;
                json.Skip();
            }
            if (isOne) return null;
        }
        return json.TokenType == JsonTokenType.EndArray ? null : NotAList();
    }

    private static Refusal NotAList() => Refusal.InvalidRequest("The field \"tools\" must be a list of objects.", "tools");

    private static Refusal? Check(string kind, Api api, InputMeasure input)
    {
        if (RunByCaller.Contains(kind)) return null;
        if (api == Api.GeminiGenerate && BilledInTokens.Contains(kind))
        {
            input.RefersElsewhere = true;
            return null;
        }
        if (api == Api.Responses && kind.StartsWith("web_search", StringComparison.Ordinal))
        {
            input.AddWebSearch();
            return null;
        }
        return Refusal.UnsupportedField($"The tool \"{RequestFields.Shown(kind)}\" is not metered, so it cannot be used with our key.");
    }
}
