using System.Text.Json;
using AiPipe.Proxy.Errors;

namespace AiPipe.Proxy.Apis.RequestBody;

/// <summary>
/// Reads the edits of the input that a request asks for: those that clear parts of it cost nothing; any other may run the model once more,
/// outside the reported counts (https://platform.claude.com/docs/en/build-with-claude/context-editing).
/// </summary>
internal static class ContextEdits
{
    public static Refusal? Read(ref Utf8JsonReader json, string name)
    {
        if (json.TokenType == JsonTokenType.Null) return null;
        if (json.TokenType != JsonTokenType.StartObject)
            return Refusal.InvalidRequest($"The field \"{name}\" must be an object.", name);
        var depth = json.CurrentDepth;
        while (json.Read() && json.CurrentDepth > depth)
        {
            if (json.TokenType != JsonTokenType.PropertyName
                || !string.Equals(json.GetString(), "type", StringComparison.OrdinalIgnoreCase)) continue;
            // An edit is in the list "edits" of the object; deeper objects are its triggers.
            var isEdit = json.CurrentDepth <= depth + 3;
            json.Read();
            if (!isEdit) continue;
            var type = json.TokenType == JsonTokenType.String ? json.GetString()! : "";
            if (!type.StartsWith("clear_", StringComparison.Ordinal))
                return Refusal.UnsupportedField(
                    $"The edit \"{RequestFields.Shown(type)}\" in \"{name}\" is not metered, so it cannot be used with our key.", name);
        }
        return null;
    }
}
