using System.Text.Json;
using System.Text.Json.Serialization;
using AiPipe.Proxy.Metering;
using AiPipe.Proxy.Pricing;

namespace AiPipe.Proxy.Ledger.Entries;

/// <summary>
/// Entries as JSON, in the journal and in columns of Postgres: names are the columns', money is USD as an exact
/// decimal number, what is not known is left out. Converters stand at the types: the generator writes fast code only where neither
/// the context nor a property names one.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JournalRecord))]
[JsonSerializable(typeof(TokenUsage))]
[JsonSerializable(typeof(Receipt))]
[JsonSerializable(typeof(Timeline))]
internal sealed partial class LedgerJson : JsonSerializerContext;

internal sealed class EntryKindConverter() : JsonStringEnumConverter<EntryKind>(JsonNamingPolicy.SnakeCaseLower);
