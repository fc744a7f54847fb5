using System.Text.Json;
using AiPipe.Proxy.Apis.RequestBody;
using AiPipe.Proxy.Errors;

namespace AiPipe.Proxy.Apis.Anthropic;

/// <summary>
/// Reads Anthropic's list of tools: each is an object whose <c>type</c> names one of Anthropic's tools and its version; without it, the
/// caller defines the tool (https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview).
/// </summary>
internal static class MessagesTools
{
    /// <summary>The only version whose searches are limited by <c>max_uses</c>: later ones also search from code.</summary>
    private const string WebSearch = "web_search_20250305";

    /// <summary>The system prompt that a request with tools gets: more than for any model that Anthropic lists.</summary>
    private const int ToolUseTokens = 1_000;

    /// <summary>The definition of a tool of Anthropic's that the caller runs: more than any that Anthropic lists.</summary>
    private const int ToolTokens = 2_000;

    private const int ToolsetTokens = 8_000;

    /// <summary>The beginnings of types, without their version, of Anthropic's tools that the caller runs.</summary>
    private static readonly string[] RunByCaller = ["bash_2", "text_editor_2", "computer_2", "memory_2"];

    private static readonly string[] ToolsetsRunByCaller = ["browser_toolset_2", "computer_toolset_2"];

    private static readonly RequestFields Fields =
        new([("type", RequestField.Model), ("name", RequestField.Other), ("max_uses", RequestField.MaxToolCalls)]);

    public static Refusal? Read(ref Utf8JsonReader json, InputMeasure input)
    {
        if (json.TokenType == JsonTokenType.Null) return null;
        if (json.TokenType != JsonTokenType.StartArray) return ToolRefusals.NotAList();
        while (json.Read() && json.TokenType == JsonTokenType.StartObject)
        {
            input.ToolTokens = Math.Max(input.ToolTokens, ToolUseTokens);
            if (ReadTool(ref json, input) is { } refusal) return refusal;
        }
        return json.TokenType == JsonTokenType.EndArray ? null : ToolRefusals.NotAList();
    }

    private static Refusal? ReadTool(ref Utf8JsonReader json, InputMeasure input)
    {
        var (inside, isEmpty) = ((int)json.BytesConsumed, true);
        string? type = null;
        ValueSpot? maxUses = null;
        var uses = 0;
        var seen = RequestField.Other;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            isEmpty = false;
            var field = Fields.Identify(ref json);
            // Some providers ignore case, and would run another tool than the one that is checked here.
            if ((seen & field) != RequestField.Other || field == RequestField.Unmetered)
                return Refusal.DuplicateField($"tools[].{RequestFields.NameOf(ref json)}");
            seen |= field;
            json.Read();
            if (field == RequestField.Model && json.TokenType != JsonTokenType.Null)
                type = json.TokenType == JsonTokenType.String ? json.GetString()! : "";
            if (field == RequestField.MaxToolCalls)
            {
                maxUses = ValueSpot.FromCurrent(ref json);
                if (CountField.Read(ref json, "max_uses", int.MaxValue, ref uses) is { } refusal) return refusal;
            }
            json.Skip();
        }
        return Check(type, new SearchLimit(new ObjectSpot(inside, isEmpty), maxUses, uses > 0 ? uses : null), input);
    }

    private static Refusal? Check(string? type, SearchLimit limit, InputMeasure input)
    {
        if (type is null or "custom") return null;
        if (type == WebSearch)
        {
            // Anthropic rejects two tools with the same name.
            if (input.SearchLimit is not null) return Refusal.DuplicateField("tools[].type");
            input.AddWebSearch();
            input.SearchLimit = limit;
            return null;
        }
        var isTool = Array.Exists(RunByCaller, start => type.StartsWith(start, StringComparison.Ordinal));
        if (!isTool && !Array.Exists(ToolsetsRunByCaller, start => type.StartsWith(start, StringComparison.Ordinal)))
            return ToolRefusals.NotMetered(type);
        input.ToolTokens += isTool ? ToolTokens : ToolsetTokens;
        return null;
    }
}
