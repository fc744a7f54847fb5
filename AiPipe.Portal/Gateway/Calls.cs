using Microsoft.AspNetCore.Http.Extensions;

namespace AiPipe.Portal.Gateway;

/// <summary>A filter of calls; without dates, of the last 30 days.</summary>
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

    /// <summary>The query of the URL, question mark included unless it is empty.</summary>
    public string Query => new QueryBuilder(Fields().Where(pair => !string.IsNullOrWhiteSpace(pair.Value))!).ToString();

    private IEnumerable<KeyValuePair<string, string?>> Fields() =>
    [
        new("from", From?.ToString("O")), new("to", To?.ToString("O")), new("email", Email), new("provider", Provider), new("model", Model),
        new("app", App), new("key", Key), new("outcome", Outcome), new("before", Before), new("limit", Limit?.ToString()),
    ];
}

internal static class CallsApi
{
    public static Task<CallList> GetCallsAsync(
        this GatewayClient gateway, CallFilter filter, bool allUsers, CancellationToken cancellationToken) =>
        gateway.GetAsync(Root(allUsers) + filter.Query, ContractJson.Default.CallList, cancellationToken);

    public static Task<CallDetails> GetCallAsync(this GatewayClient gateway, Guid id, bool allUsers, CancellationToken cancellationToken) =>
        gateway.GetAsync($"{Root(allUsers)}/{id}", ContractJson.Default.CallDetails, cancellationToken);

    public static Task<HttpResponseMessage> GetCallsCsvAsync(
        this GatewayClient gateway, CallFilter filter, bool allUsers, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Get, $"{Root(allUsers)}.csv{filter.Query}", content: null, cancellationToken);

    private static string Root(bool allUsers) => allUsers ? "/admin/calls" : "/usage/calls";
}
