using System.Text.Json;
using AiPipe.Proxy.Errors;

namespace AiPipe.Proxy.Apis.RequestBody;

/// <summary>
/// Reads how many tokens a request lets the model think with: <c>reasoning.max_tokens</c> (OpenRouter), <c>thinking.budget_tokens</c>
/// (Anthropic's name), <c>thinkingConfig.thinkingBudget</c> (Gemini).
/// </summary>
internal static class ThinkingLimit
{
    /// <summary>
    /// The fewest that Anthropic's models accept (https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking), and so
    /// OpenRouter; more than Gemini's 512 (https://ai.google.dev/gemini-api/docs/thinking).
    /// </summary>
    public const long Least = 1_024;

    private static readonly RequestFields Fields = new(
    [
        ("max_tokens", RequestField.MaxTokens),
        ("budget_tokens", RequestField.MaxTokens),
        ("thinkingBudget", RequestField.MaxTokens),
        ("thinking_budget", RequestField.MaxTokens),
    ]);

    /// <param name="json">At the field's value; afterwards at its end. A value that is not an object has no such limit.</param>
    public static Refusal? Read(ref Utf8JsonReader json, string name, BodyLayout layout)
    {
        if (json.TokenType != JsonTokenType.StartObject)
        {
            json.Skip();
            return null;
        }
        var isKnown = false;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var field = Fields.Identify(ref json);
            var inner = RequestFields.NameOf(ref json);
            json.Read();
            if (field == RequestField.Other)
            {
                json.Skip();
                continue;
            }
            if (isKnown || field == RequestField.Unmetered) return Refusal.DuplicateField($"{name}.{inner}");
            isKnown = true;
            if (json.TokenType == JsonTokenType.Null) continue;
            // For Gemini, 0 disables thinking and -1 lets the model choose.
            if (json.TokenType != JsonTokenType.Number || !json.TryGetInt64(out var tokens) || tokens < -1)
                return Refusal.InvalidRequest($"The field \"{name}.{inner}\" must be a whole number.", $"{name}.{inner}");
            if (tokens > 0) layout.Thinking.Add((ValueSpot.FromCurrent(ref json), tokens));
        }
        return null;
    }
}
