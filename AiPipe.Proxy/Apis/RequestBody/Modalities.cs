using System.Text.Json;
using AiPipe.Proxy.Errors;

namespace AiPipe.Proxy.Apis.RequestBody;

/// <summary>The requested kinds of output: audio costs more than text; images are not metered yet.</summary>
internal static class Modalities
{
    public static Refusal? Read(ref Utf8JsonReader json, InputMeasure input)
    {
        if (json.TokenType == JsonTokenType.Null) return null;
        // Google also accepts a string instead of a list; ignoring it would let a request for images pass.
        if (json.TokenType != JsonTokenType.StartArray) return Refusal.InvalidRequest("The kinds of output must be a list.");
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType != JsonTokenType.String) return Refusal.InvalidRequest("The kinds of output must be texts.");
            var kind = json.GetString()!;
            if (kind.Equals("audio", StringComparison.OrdinalIgnoreCase)) input.HasAudio = true;
            else if (!kind.Equals("text", StringComparison.OrdinalIgnoreCase))
                return Refusal.UnsupportedField(
                    $"Output of the kind \"{RequestFields.Shown(kind)}\" is not metered, so it cannot be requested with our key.");
        }
        return null;
    }
}
