namespace AiPipe.Contracts;

/// <summary>
/// Finished calls, the newest first: <c>GET /usage/calls</c> and <c>GET /admin/calls</c>. Money in USD; what is not known is absent.
/// </summary>
/// <param name="Calls">One page.</param>
/// <param name="Next">The <c>before</c> of the next page; absent on the last page.</param>
public sealed record CallList(IReadOnlyList<CallInfo> Calls, string? Next);

/// <summary>One call, or one correction.</summary>
public record CallInfo
{
    /// <summary>The ledger entry's id.</summary>
    public required Guid Id { get; init; }
    /// <summary>Who called; only in responses to admins.</summary>
    public string? User { get; init; }
    /// <summary>UTC.</summary>
    public required DateTime StartedAt { get; init; }
    /// <summary><c>call</c>, <c>abandoned</c>, <c>adjustment</c>, <c>unattributed</c> or <c>reversal</c>.</summary>
    public required string Kind { get; init; }
    /// <summary>The provider's name.</summary>
    public string? Provider { get; init; }
    /// <summary>The model's name at the provider.</summary>
    public string? Model { get; init; }
    /// <summary>The operation as OpenTelemetry names it: <c>chat</c>, <c>embeddings</c>.</summary>
    public string? Operation { get; init; }
    /// <summary>The web app's origin.</summary>
    public string? App { get; init; }
    /// <summary>The API key's id.</summary>
    public Guid? Key { get; init; }
    /// <summary>What was charged, in USD.</summary>
    public required decimal Cost { get; init; }
    /// <summary>The provider reported no usage; the cost rests on what was counted.</summary>
    public required bool Estimated { get; init; }
    /// <summary>The HTTP status that the caller received.</summary>
    public int? Status { get; init; }
    /// <summary>Milliseconds from arrival to the end of the response.</summary>
    public double? LatencyMs { get; init; }
    /// <summary>Milliseconds from arrival to the first byte of the response.</summary>
    public double? FirstByteMs { get; init; }
    /// <summary>Input tokens, as the provider reported them.</summary>
    public long? InputTokens { get; init; }
    /// <summary>Output tokens, as the provider reported them.</summary>
    public long? OutputTokens { get; init; }
    /// <summary>The W3C trace id.</summary>
    public string? TraceId { get; init; }
}

/// <summary>Everything that is known of one call: <c>GET /usage/calls/{id}</c> and <c>GET /admin/calls/{id}</c>.</summary>
public sealed record CallDetails : CallInfo
{
    /// <summary>What the provider reported.</summary>
    public ReportedUsage? Usage { get; init; }
    /// <summary>How the cost was computed.</summary>
    public CallReceipt? Receipt { get; init; }
    /// <summary>The budgets that the cost counts against.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }
    /// <summary>The stages that the call passed, in order.</summary>
    public required IReadOnlyList<CallStage> Timeline { get; init; }
    /// <summary>The provider's id of the response.</summary>
    public string? ResponseId { get; init; }
    /// <summary>What the ledger notes about this entry.</summary>
    public string? Note { get; init; }
}

/// <summary>What a provider reported that a call used. Absent means "not reported", which is different from zero.</summary>
public sealed record ReportedUsage
{
    /// <summary>All input tokens: fresh, read from a cache, written to a cache, of any modality.</summary>
    public long? Input { get; init; }
    /// <summary>Of <see cref="Input"/>, those read from a cache.</summary>
    public long? CacheRead { get; init; }
    /// <summary>Of <see cref="Input"/>, those written to a cache, the one-hour ones included.</summary>
    public long? CacheWrite { get; init; }
    /// <summary>Of <see cref="CacheWrite"/>, those kept for an hour.</summary>
    public long? CacheWrite1h { get; init; }
    /// <summary>Of <see cref="Input"/>, audio tokens.</summary>
    public long? InputAudio { get; init; }
    /// <summary>Of <see cref="Input"/>, image tokens.</summary>
    public long? InputImage { get; init; }
    /// <summary>All output tokens, reasoning included, of any modality.</summary>
    public long? Output { get; init; }
    /// <summary>Of <see cref="Output"/>, reasoning tokens.</summary>
    public long? Reasoning { get; init; }
    /// <summary>Of <see cref="Output"/>, audio tokens.</summary>
    public long? OutputAudio { get; init; }
    /// <summary>Of <see cref="Output"/>, image tokens.</summary>
    public long? OutputImage { get; init; }
    /// <summary>Searches that the provider ran for this call.</summary>
    public long? WebSearches { get; init; }
    /// <summary>USD as the provider itself billed the call.</summary>
    public decimal? ReportedCost { get; init; }
}

/// <summary>A stage that a call passed.</summary>
/// <param name="Stage"><c>checked</c>, <c>reserved</c>, <c>connected</c>, <c>first_byte</c>, <c>last_byte</c> or <c>settled</c>.</param>
/// <param name="Ms">Milliseconds since the call arrived.</param>
public sealed record CallStage(string Stage, double Ms);

/// <summary>How a cost was computed.</summary>
/// <param name="Version">The price table that was used, or <c>provider</c> where the provider reported the cost itself.</param>
/// <param name="Lines">One line for each kind of unit.</param>
/// <param name="Formula">The sum as text: <c>1000 × 0.15/M + 500 × 0.6/M</c>.</param>
/// <param name="Cost">What was charged, in USD. An estimate is never more than the reservation, whatever the lines add up to.</param>
public sealed record CallReceipt(string Version, IReadOnlyList<CallReceiptLine> Lines, string Formula, decimal Cost);

/// <summary>A number of units at a price.</summary>
/// <param name="What"><c>input</c>, <c>cache_read</c>, <c>output</c> and so on.</param>
/// <param name="Units">How many units.</param>
/// <param name="Price">USD for a million units.</param>
/// <param name="Cost">USD, not rounded.</param>
public sealed record CallReceiptLine(string What, decimal Units, decimal Price, decimal Cost);
