using System.Text.Json;
using AiPipe.Proxy.Errors;

namespace AiPipe.Proxy.Apis.Requests;

/// <summary>A field that says how many of something.</summary>
internal static class CountField
{
    /// <summary>Takes the count; a <c>null</c> leaves it as it is.</summary>
    /// <param name="json">Stands at the value.</param>
    /// <param name="name">The field's name, for the refusal.</param>
    /// <param name="most">The largest count that is accepted.</param>
    /// <param name="count">Where it goes.</param>
    public static Refusal? Read(ref Utf8JsonReader json, string name, int most, ref int count)
    {
        if (json.TokenType == JsonTokenType.Null) return null;
        if (json.TokenType != JsonTokenType.Number || !json.TryGetInt32(out var value) || value < 1 || value > most)
            return Refusal.InvalidRequest($"The field \"{name}\" must be a whole number from 1 to {most}.", name);
        count = value;
        return null;
    }
}
