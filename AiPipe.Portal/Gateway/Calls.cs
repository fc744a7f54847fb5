using Microsoft.AspNetCore.Http.Extensions;

namespace AiPipe.Portal.Gateway;

/// <summary>One finished call: a row of <c>GET /usage/calls</c>, and with its receipt <c>GET /usage/calls/ID</c>. Money in USD, times in milliseconds.</summary>
public sealed record Call
{
    public required Guid Id { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    /// <summary><c>call</c>, <c>abandoned</c>, <c>adjustment</c>, <c>unattributed</c> or <c>reversal</c>.</summary>
    public required string Kind { get; init; }
    /// <summary>Whose; only admins are told.</summary>
    public string? User { get; init; }
    public string? Provider { get; init; }
    public string? Model { get; init; }
    public string? Operation { get; init; }
    public string? App { get; init; }
    public Guid? Key { get; init; }
    public required decimal Cost { get; init; }
    public bool Estimated { get; init; }
    public int? Status { get; init; }
    public double? LatencyMs { get; init; }
    public double? FirstByteMs { get; init; }
    public long? InputTokens { get; init; }
    public long? OutputTokens { get; init; }
    public string? TraceId { get; init; }
    public string? ResponseId { get; init; }
    public string? Note { get; init; }
    public Receipt? Receipt { get; init; }
    public IReadOnlyList<string>? Scopes { get; init; }
    public IReadOnlyList<TimelineStage>? Timeline { get; init; }
}

/// <summary>How a call's cost came about.</summary>
public sealed record Receipt(string? Version, IReadOnlyList<ReceiptLine> Lines, decimal Cost);

/// <summary>So many units of something at a price for a million of them.</summary>
public sealed record ReceiptLine(string What, decimal Units, decimal Price, decimal Cost);

/// <summary>When a call had passed a stage, in milliseconds since it arrived.</summary>
public sealed record TimelineStage(string Stage, double Ms);

public sealed record CallPage(IReadOnlyList<Call> Calls, string? Next);

/// <summary>Which calls; <c>null</c> everywhere = all of the last month.</summary>
public sealed record CallFilter
{
    public DateOnly? From { get; init; }
    public DateOnly? To { get; init; }
    public string? Email { get; init; }
    public string? Provider { get; init; }
    public string? Model { get; init; }
    public string? App { get; init; }
    public string? Key { get; init; }
    /// <summary><c>ok</c>, <c>failed</c>, <c>cut</c> or <c>estimated</c>.</summary>
    public string? Outcome { get; init; }
    public string? Before { get; init; }
    public int? Limit { get; init; }

    /// <summary>As the query of an address, with its question mark unless it is empty.</summary>
    public string Query => new QueryBuilder(Fields().Where(pair => !string.IsNullOrWhiteSpace(pair.Value))!).ToString();

    private IEnumerable<KeyValuePair<string, string?>> Fields() =>
    [
        new("from", From?.ToString("O")), new("to", To?.ToString("O")), new("email", Email), new("provider", Provider), new("model", Model),
        new("app", App), new("key", Key), new("outcome", Outcome), new("before", Before), new("limit", Limit?.ToString()),
    ];
}

internal static class CallsApi
{
    public static Task<CallPage> GetCallsAsync(this GatewayClient gateway, CallFilter filter, bool allUsers, CancellationToken cancellationToken) =>
        gateway.GetAsync(Root(allUsers) + filter.Query, GatewayJson.Default.CallPage, cancellationToken);

    public static Task<Call> GetCallAsync(this GatewayClient gateway, Guid id, bool allUsers, CancellationToken cancellationToken) =>
        gateway.GetAsync($"{Root(allUsers)}/{id}", GatewayJson.Default.Call, cancellationToken);

    /// <summary>The same calls as a table, read as it comes.</summary>
    public static Task<HttpResponseMessage> GetCallsCsvAsync(this GatewayClient gateway, CallFilter filter, bool allUsers, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Get, $"{Root(allUsers)}.csv{filter.Query}", content: null, cancellationToken);

    private static string Root(bool allUsers) => allUsers ? "/admin/calls" : "/usage/calls";
}
