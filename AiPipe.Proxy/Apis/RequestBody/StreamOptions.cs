using System.Text.Json;
using AiPipe.Proxy.Errors;

namespace AiPipe.Proxy.Apis.RequestBody;

internal static class StreamOptions
{
    /// <summary>Records in <paramref name="layout"/> where usage is, or must be, requested.</summary>
    /// <param name="json">At the field's value, an object or <c>null</c>; afterwards at its end.</param>
    public static Refusal? Read(ref Utf8JsonReader json, BodyLayout layout)
    {
        if (json.TokenType == JsonTokenType.Null)
        {
            layout.NullStreamOptions = ValueSpot.FromCurrent(ref json);
            return null;
        }
        var inside = (int)json.BytesConsumed;
        var isEmpty = true;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            isEmpty = false;
            var isUsage = json.ValueTextEquals("include_usage"u8);
            json.Read();
            if (isUsage && ReadIncludeUsage(ref json, layout) is { } refusal) return refusal;
            json.Skip();
        }
        layout.StreamOptions = new ObjectSpot(inside, isEmpty);
        return null;
    }

    private static Refusal? ReadIncludeUsage(ref Utf8JsonReader json, BodyLayout layout)
    {
        if (layout.IncludeUsage is not null) return Refusal.DuplicateField("include_usage");
        if (json.TokenType is not (JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null))
            return Refusal.InvalidRequest("The field \"include_usage\" has a value of the wrong kind.", "stream_options.include_usage");
        layout.IncludeUsage = ValueSpot.FromCurrent(ref json);
        layout.IncludesUsage = json.TokenType == JsonTokenType.True;
        return null;
    }
}
