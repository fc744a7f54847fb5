using System.Text.Json;
using System.Text.Json.Serialization;
using AiPipe.Proxy.Journey.Metering;
using AiPipe.Proxy.Journey.Pricing;

namespace AiPipe.Proxy.Journey.Recording;

/// <summary>
/// Entries as JSON, the same in the journal and on the way to Postgres: names are the columns', money is USD as an exact
/// decimal number, what is not known is left out.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(PicoUsdConverter), typeof(TextConverter), typeof(EntryKindConverter)])]
[JsonSerializable(typeof(JournalRecord))]
[JsonSerializable(typeof(IReadOnlyList<LedgerEntry>))]
[JsonSerializable(typeof(TokenUsage))]
[JsonSerializable(typeof(Receipt))]
internal sealed partial class LedgerJson : JsonSerializerContext;

/// <summary>USD as a number with up to twelve decimals.</summary>
internal sealed class PicoUsdConverter : JsonConverter<PicoUsd>
{
    public override PicoUsd Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        PicoUsd.FromUsd(reader.GetDecimal());

    public override void Write(Utf8JsonWriter writer, PicoUsd value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(value.ToUsd());
}

internal sealed class EntryKindConverter() : JsonStringEnumConverter<EntryKind>(JsonNamingPolicy.SnakeCaseLower);

/// <summary>Leaves out U+0000, which Postgres cannot hold: one such character would keep a whole group from being written.</summary>
internal sealed class TextConverter : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString();

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Contains('\0', StringComparison.Ordinal) ? value.Replace("\0", "", StringComparison.Ordinal) : value);
}
