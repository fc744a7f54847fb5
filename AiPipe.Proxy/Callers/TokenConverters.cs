using System.Text.Json;
using System.Text.Json.Serialization;

namespace AiPipe.Proxy.Callers;

/// <summary>Foreign tokens may have a <c>jti</c> of any type: one that is not an id of ours is ignored.</summary>
internal sealed class GrantIdConverter : JsonConverter<Guid?>
{
    public override Guid? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String && reader.TryGetGuid(out var grant)) return grant;
        reader.Skip();
        return null;
    }

    public override void Write(Utf8JsonWriter writer, Guid? value, JsonSerializerOptions options)
    {
        if (value is { } grant) writer.WriteStringValue(grant);
        else writer.WriteNullValue();
    }
}

/// <summary>A list of methods, of which the first counts. Other types are ignored: foreign tokens stay readable.</summary>
internal sealed class MethodConverter : JsonConverter<string?>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return null;
        }
        string? first = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.String) first ??= reader.GetString();
            else reader.Skip();
        }
        return first;
    }

    public override void Write(Utf8JsonWriter writer, string? value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        writer.WriteStringValue(value);
        writer.WriteEndArray();
    }
}

/// <summary>Whole seconds; other values are ignored.</summary>
internal sealed class SecondsConverter : JsonConverter<long?>
{
    public override long? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var seconds)) return seconds;
        reader.Skip();
        return null;
    }

    public override void Write(Utf8JsonWriter writer, long? value, JsonSerializerOptions options) => writer.WriteNumberValue(value!.Value);
}
