using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using AiPipe.Proxy.Metering;
using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pricing;

namespace AiPipe.Proxy.Ledger.Entries;

/// <summary>One finished call or adjustment. Postgres would reject U+0000 with the whole group, so it is removed.</summary>
internal sealed record LedgerEntry
{
    /// <summary>The reservation's id, which makes writing idempotent.</summary>
    public required Guid Id { get; init; }
    public required string User { get; init => field = Storable(value); }
    /// <summary>The UTC date on which the call started; the cost counts on it.</summary>
    public required DateOnly Day { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    /// <summary>The counters that include the cost, as <c>kind:name</c> (<see cref="Budgets.BudgetScope.Key"/>).</summary>
    public required IReadOnlyList<string> Scopes
    {
        get; init =>
        field = value.Any(IsUnstorable) ? [.. value.Select(scope => Storable(scope))] : value;
    }
    public required EntryKind Kind { get; init; }
    public string? Provider { get; init; }
    public string? Model { get; init => field = Storable(value); }
    public string? Operation { get; init; }
    public string? App { get; init => field = Storable(value); }
    public Guid? ApiKey { get; init; }
    /// <summary>Negative only for <see cref="EntryKind.Adjustment"/> and <see cref="EntryKind.Reversal"/>.</summary>
    public required PicoUsd Cost { get; init; }
    public bool Estimated { get; init; }
    public TokenUsage? Usage { get; init; }
    public Receipt? Receipt { get; init; }
    /// <summary>HTTP status of the response; 499 if the caller disconnected first; <c>null</c> if unknown (crash).</summary>
    public int? Status { get; init; }
    public double? LatencyMs { get; init; }
    public double? FirstByteMs { get; init; }
    public Timeline? Timeline { get; init; }
    public string? TraceId { get; init; }
    public string? ResponseId { get; init => field = Storable(value); }
    public string? Note { get; init => field = Storable(value); }

    [JsonIgnore]
    public int Calls => Kind switch { EntryKind.Adjustment => 0, EntryKind.Reversal => -1, _ => 1 };

    private static bool IsUnstorable(string text) => text.Contains('\0', StringComparison.Ordinal);

    [return: NotNullIfNotNull(nameof(text))]
    private static string? Storable(string? text) =>
        text is not null && IsUnstorable(text) ? text.Replace("\0", "", StringComparison.Ordinal) : text;
}

[JsonConverter(typeof(EntryKindConverter))]
internal enum EntryKind
{
    Call,
    /// <summary>A call in flight when its process died; charged at its last mark, at least its input.</summary>
    Abandoned,
    Adjustment,
    /// <summary>A call that only the counters know: its replica and journal are lost.</summary>
    Unattributed,
    /// <summary>Reverses an <see cref="Unattributed"/> entry after the call's own entry arrived (<see cref="Attribution"/>).</summary>
    Reversal,
}
