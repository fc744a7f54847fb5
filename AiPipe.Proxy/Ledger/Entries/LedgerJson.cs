using System.Text.Json;
using System.Text.Json.Serialization;
using AiPipe.Proxy.Metering;
using AiPipe.Proxy.Pricing;

namespace AiPipe.Proxy.Ledger.Entries;

/// <summary>
/// Entries as JSON, in the journal and in Postgres columns: column names, money as exact decimal USD, unknown values omitted. Converters
/// are declared on the types because the generator emits fast code only if neither the context nor a property names one.
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
