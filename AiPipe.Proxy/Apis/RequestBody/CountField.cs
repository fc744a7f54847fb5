using System.Text.Json;
using AiPipe.Proxy.Errors;

namespace AiPipe.Proxy.Apis.RequestBody;

internal static class CountField
{
    /// <summary>Reads a count of at most <paramref name="most"/>; <c>null</c> leaves <paramref name="count"/> unchanged.</summary>
    public static Refusal? Read(ref Utf8JsonReader json, string name, int most, ref int count)
    {
        if (json.TokenType == JsonTokenType.Null) return null;
        if (json.TokenType != JsonTokenType.Number || !json.TryGetInt32(out var value) || value < 1 || value > most)
            return Refusal.InvalidRequest($"The field \"{name}\" must be a whole number from 1 to {most}.", name);
        count = value;
        return null;
    }
}
