using System.Text.Json;
using AiPipe.Proxy.Apis.RequestBody;
using AiPipe.Proxy.Errors;

namespace AiPipe.Proxy.Apis.OpenAi;

/// <summary>Reads OpenAI's list of tools: each is an object with a field <c>type</c>.</summary>
internal static class OpenAiTools
{
    /// <summary>
    /// Run by the caller; and the search for tools, which only chooses among the tools in the request
    /// (https://platform.openai.com/docs/guides/tools-tool-search).
    /// </summary>
    private static readonly HashSet<string> RunByCaller = new(StringComparer.Ordinal)
    {
        "function", "custom", "local_shell", "apply_patch", "computer_use_preview", "computer", "tool_search",
    };

    private static readonly string[] CheckedFields = ["type", "tools", "environment"];

    /// <summary>Of the fields that are read, every letter of which may be an escape.</summary>
    private const int LongestName = 72;

    /// <param name="allowsSearch">True if the number of web searches is metered.</param>
    public static Refusal? Read(ref Utf8JsonReader json, InputMeasure input, bool allowsSearch)
    {
        if (json.TokenType == JsonTokenType.Null) return null;
        if (json.TokenType != JsonTokenType.StartArray) return ToolRefusals.NotAList();
        while (json.Read() && json.TokenType == JsonTokenType.StartObject)
        {
            if (ReadTool(ref json, input, allowsSearch) is { } refusal) return refusal;
        }
        return json.TokenType == JsonTokenType.EndArray ? null : ToolRefusals.NotAList();
    }

    private static Refusal? ReadTool(ref Utf8JsonReader json, InputMeasure input, bool allowsSearch)
    {
        var (isShell, isLocal) = (false, true);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = json.ValueSpan.Length <= LongestName ? json.GetString()! : "";
            // Some providers ignore case, and would run another tool than the one that is checked here.
            if (Array.Find(CheckedFields, field => name != field && name.Equals(field, StringComparison.OrdinalIgnoreCase)) is { } hidden)
                return Refusal.DuplicateField("tools[]." + hidden);
            json.Read();
            switch (name)
            {
                case "type":
                    var kind = json.TokenType == JsonTokenType.String ? json.GetString()! : "";
                    isShell |= kind == "shell";
                    if (kind is not ("namespace" or "shell") && Check(kind, input, allowsSearch) is { } refusal) return refusal;
                    json.Skip();
                    break;
                // A namespace is a group of tools, which are checked as those outside of it.
                case "tools":
                    if (Read(ref json, input, allowsSearch) is { } inner) return inner;
                    break;
                case "environment":
                    isLocal &= IsLocal(ref json);
                    break;
                default:
                    json.Skip();
                    break;
            }
        }
        return isShell && !isLocal ? ToolRefusals.NotMetered("shell in a container of the provider") : null;
    }

    /// <summary>False for the containers of a shell that the provider runs, and bills.</summary>
    private static bool IsLocal(ref Utf8JsonReader json)
    {
        if (json.TokenType == JsonTokenType.Null) return true;
        if (json.TokenType != JsonTokenType.StartObject)
        {
            json.Skip();
            return false;
        }
        var isLocal = false;
        var types = 0;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var isType = json.GetString()!.Equals("type", StringComparison.OrdinalIgnoreCase);
            json.Read();
            if (isType)
            {
                types++;
                isLocal = json.TokenType == JsonTokenType.String && json.ValueTextEquals("local"u8);
            }
            json.Skip();
        }
        return isLocal && types == 1;
    }

    private static Refusal? Check(string kind, InputMeasure input, bool allowsSearch)
    {
        if (RunByCaller.Contains(kind)) return null;
        if (!allowsSearch || !kind.StartsWith("web_search", StringComparison.Ordinal)) return ToolRefusals.NotMetered(kind);
        input.AddWebSearch();
        return null;
    }
}
