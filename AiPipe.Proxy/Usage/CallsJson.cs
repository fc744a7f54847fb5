using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using AiPipe.Proxy.Ledger;
using AiPipe.Proxy.Metering;
using AiPipe.Proxy.Pricing;

namespace AiPipe.Proxy.Usage;

/// <summary>Calls, the newest first. Money in USD; what is not known is absent.</summary>
/// <param name="Calls">A page of them.</param>
/// <param name="Next">What to ask for as <c>before</c> to see more; <c>null</c> = there are no more.</param>
internal sealed record CallList(IReadOnlyList<ListedCall> Calls, string? Next);

/// <summary>One call, or one correction.</summary>
internal record ListedCall
{
    public required Guid Id { get; init; }
    /// <summary>Whose; only admins are told.</summary>
    public string? User { get; init; }
    public required DateTime StartedAt { get; init; }
    public required EntryKind Kind { get; init; }
    public string? Provider { get; init; }
    public string? Model { get; init; }
    public string? Operation { get; init; }
    /// <summary>The web app's origin.</summary>
    public string? App { get; init; }
    /// <summary>The API key's id.</summary>
    public Guid? Key { get; init; }
    public required decimal Cost { get; init; }
    public required bool Estimated { get; init; }
    public int? Status { get; init; }
    public double? LatencyMs { get; init; }
    public double? FirstByteMs { get; init; }
    public long? InputTokens { get; init; }
    public long? OutputTokens { get; init; }
    public string? TraceId { get; init; }

    [SetsRequiredMembers]
    protected ListedCall(CallRow row, bool tellsUser)
    {
        Id = row.Id;
        User = tellsUser ? row.User : null;
        StartedAt = row.StartedAt.UtcDateTime;
        Kind = row.Kind;
        Provider = row.Provider;
        Model = row.Model;
        Operation = row.Operation;
        App = row.App;
        Key = row.Key;
        Cost = row.Cost.ToUsd();
        Estimated = row.Estimated;
        Status = row.Status;
        LatencyMs = row.LatencyMs;
        FirstByteMs = row.FirstByteMs;
        InputTokens = row.Usage?.Input;
        OutputTokens = row.Usage?.Output;
        TraceId = row.TraceId;
    }

    public static ListedCall Of(CallRow row, bool tellsUser) => new(row, tellsUser);
}

/// <summary>All that is known of one call.</summary>
internal sealed record CallDetails : ListedCall
{
    /// <summary>What the provider reported.</summary>
    public TokenUsage? Usage { get; init; }
    public CallReceipt? Receipt { get; init; }
    /// <summary>The budgets that it was counted in.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }
    /// <summary>In order.</summary>
    public required IReadOnlyList<CallStage> Timeline { get; init; }
    /// <summary>The provider's own id of the answer.</summary>
    public string? ResponseId { get; init; }
    public string? Note { get; init; }

    [SetsRequiredMembers]
    private CallDetails(LedgerEntry entry, bool tellsUser) : base(CallRow.Of(entry), tellsUser)
    {
        Usage = entry.Usage;
        Receipt = entry.Receipt is { } receipt ? CallReceipt.Of(receipt) : null;
        Scopes = entry.Scopes;
        Timeline = [.. entry.Timeline?.Stages().Select(stage => new CallStage(stage.Stage, stage.Ms)) ?? []];
        ResponseId = entry.ResponseId;
        Note = entry.Note;
    }

    public static CallDetails Of(LedgerEntry entry, bool tellsUser) => new(entry, tellsUser);
}

/// <summary>A stage that a call passed, and when: milliseconds since its arrival.</summary>
internal sealed record CallStage(string Stage, double Ms);

/// <summary>How a cost came about. <c>cost</c> is what was charged: an estimate never is more than was held, whatever the lines add up to.</summary>
internal sealed record CallReceipt(string Version, IReadOnlyList<CallReceiptLine> Lines, string Formula, decimal Cost)
{
    public static CallReceipt Of(Receipt receipt) => new(
        receipt.Version,
        [.. receipt.Lines.Select(line => new CallReceiptLine(line.What, line.Count, line.UsdPerMillion, line.Count * line.UsdPerMillion / 1_000_000))],
        receipt.Formula,
        receipt.Cost.ToUsd());
}

/// <summary>So many units at a price.</summary>
/// <param name="What"><c>input</c>, <c>cache_read</c>, <c>output</c> …</param>
/// <param name="Units">How many.</param>
/// <param name="Price">USD for a million of them.</param>
/// <param name="Cost">USD, not rounded.</param>
internal sealed record CallReceiptLine(string What, decimal Units, decimal Price, decimal Cost);

[JsonSerializable(typeof(CallList))]
[JsonSerializable(typeof(CallDetails))]
[JsonSerializable(typeof(SpendReport))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
internal sealed partial class CallsJson : JsonSerializerContext;
