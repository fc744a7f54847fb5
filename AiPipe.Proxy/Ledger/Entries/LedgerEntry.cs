using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using AiPipe.Proxy.Metering;
using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pricing;

namespace AiPipe.Proxy.Ledger.Entries;

/// <summary>
/// One finished call, or one correction by an admin: what stands in the ledger for ever. What others wrote is kept without U+0000, which
/// Postgres cannot hold: one such character would keep a whole group from being written.
/// </summary>
internal sealed record LedgerEntry
{
    /// <summary>The same as the reservation's: writing an entry twice leaves one.</summary>
    public required Guid Id { get; init; }
    /// <summary>The user's address in lower case.</summary>
    public required string User { get; init => field = Storable(value); }
    /// <summary>The UTC date that the cost counts on: the day the call started.</summary>
    public required DateOnly Day { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    /// <summary>The counters that the cost is added to, as <c>kind:name</c> (<see cref="Budgets.BudgetScope.Key"/>).</summary>
    public required IReadOnlyList<string> Scopes { get; init => field = value.Any(IsUnstorable) ? [.. value.Select(scope => Storable(scope))] : value; }
    public required EntryKind Kind { get; init; }
    public string? Provider { get; init; }
    public string? Model { get; init => field = Storable(value); }
    public string? Operation { get; init; }
    /// <summary>The web origin of the app whose token was used.</summary>
    public string? App { get; init => field = Storable(value); }
    /// <summary>The API key that was used, by its id.</summary>
    public Guid? ApiKey { get; init; }
    /// <summary>What was billed; negative only where it takes something back (<see cref="EntryKind.Adjustment"/>, <see cref="EntryKind.Reversal"/>).</summary>
    public required PicoUsd Cost { get; init; }
    /// <summary>True when the provider reported no usage and the cost rests on what was counted.</summary>
    public bool Estimated { get; init; }
    public TokenUsage? Usage { get; init; }
    public Receipt? Receipt { get; init; }
    /// <summary>HTTP status that the caller got; 499 when the caller left first; <c>null</c> when nobody knows (crash).</summary>
    public int? Status { get; init; }
    /// <summary>Milliseconds from the request's arrival to its end.</summary>
    public double? LatencyMs { get; init; }
    /// <summary>Milliseconds from the request's arrival to the first byte of the answer.</summary>
    public double? FirstByteMs { get; init; }
    public Timeline? Timeline { get; init; }
    public string? TraceId { get; init; }
    /// <summary>The provider's own id of the answer.</summary>
    public string? ResponseId { get; init => field = Storable(value); }
    /// <summary>Why an adjustment was made and by whom; what is unusual about another entry.</summary>
    public string? Note { get; init => field = Storable(value); }

    /// <summary>How many calls it adds to a day's.</summary>
    [JsonIgnore]
    public int Calls => Kind switch { EntryKind.Adjustment => 0, EntryKind.Reversal => -1, _ => 1 };

    private static bool IsUnstorable(string text) => text.Contains('\0', StringComparison.Ordinal);

    [return: NotNullIfNotNull(nameof(text))]
    private static string? Storable(string? text) =>
        text is not null && IsUnstorable(text) ? text.Replace("\0", "", StringComparison.Ordinal) : text;
}

/// <summary>How an entry came about.</summary>
[JsonConverter(typeof(EntryKindConverter))]
internal enum EntryKind
{
    /// <summary>A call that ended while we watched.</summary>
    Call,
    /// <summary>A call that was in flight when the process died; charged at what was counted last, at least its input.</summary>
    Abandoned,
    /// <summary>A correction by an admin.</summary>
    Adjustment,
    /// <summary>A call of which only the counters knew: the process that took it is gone with its journal.</summary>
    Unattributed,
    /// <summary>Takes back an <see cref="Unattributed"/> entry whose call's own entry arrived after all (<see cref="Attribution"/>).</summary>
    Reversal,
}
